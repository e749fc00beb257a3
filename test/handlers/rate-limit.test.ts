import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryRequestBudget } from "../../lambda/adapters/embedded/memory-request-budget.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

const LIMIT = { requests: 100, seconds: 60 };
const POLICY = '"team";q=100;w=60';

/** Counts what is asked of a budget. */
class ObservedBudget extends MemoryRequestBudget {
	readonly taken: number[] = [];

	override take(teamId: string, units: number) {
		this.taken.push(units);
		return super.take(teamId, units);
	}
}

let world: TestWorld;
let request: ApiRequest;
let budget: ObservedBudget;
afterEach(() => world.close());

const open = async (overrides: (ports: Ports) => Partial<Ports> = () => ({})) => {
	world = await createTestWorld(overrides);
	request = apiRequestOf(world);
};

const task = { queue: "emails", webhook_url: "https://example.com/hook" };
const batchOf = (count: number) => ({ tasks: Array.from({ length: count }, () => task) });

const spend = async (count: number) => {
	for (let n = 0; n < count; n += 1) await request("GET", "/v1/tasks");
};

describe("an API with a limit", () => {
	beforeEach(() =>
		open(({ clock }) => {
			budget = new ObservedBudget(LIMIT, clock);
			return { requestBudget: budget };
		}),
	);

	it("tells its policy and what is left with every answer to a key", async () => {
		const answers = [
			await request("POST", "/v1/tasks", { body: task }),
			await request("GET", "/v1/tasks"),
			await request("DELETE", "/v1/queues/emails?force=true"),
			await request("GET", "/v1/tasks/task_unknown"),
			await request("POST", "/v1/tasks", { body: "{" }),
		];
		expect(answers.map(({ status }) => status)).toEqual([201, 200, 202, 404, 400]);
		for (const [index, { headers }] of answers.entries())
			expect(headers).toMatchObject({
				"ratelimit-policy": POLICY,
				ratelimit: `"team";r=${99 - index};t=63`,
				"x-request-id": "request-1",
			});
	});

	it("refuses what is above it, with the time to wait", async () => {
		await spend(100);
		const refused = await request("POST", "/v1/tasks", { body: task });
		expect(refused.status).toBe(429);
		expect(refused.headers).toMatchObject({
			"content-type": "application/problem+json",
			"retry-after": "63",
			"ratelimit-policy": POLICY,
			ratelimit: '"team";r=0;t=63',
		});
		expect(refused.body).toEqual({
			type: "urn:asyncqueue:error:rate_limited",
			title: "Rate limit exceeded",
			status: 429,
			detail: "More than 100 requests in 60 s; try again in 63 s",
			error: "More than 100 requests in 60 s; try again in 63 s",
			code: "rate_limited",
		});
	});

	it("does nothing of what it refuses", async () => {
		await spend(99);
		await request("POST", "/v1/tasks", { body: task });
		await request("POST", "/v1/tasks", { body: task });
		await world.runFor(63);
		expect((await request("GET", "/v1/tasks")).body.tasks).toHaveLength(1);
	});

	it("answers again after the time that it named", async () => {
		await spend(100);
		const { headers } = await request("GET", "/v1/tasks");
		await world.runFor(Number(headers["retry-after"]));
		expect((await request("GET", "/v1/tasks")).status).toBe(200);
	});

	it("counts a batch as its tasks, all of them or none", async () => {
		const accepted = await request("POST", "/v1/tasks/batch", { body: batchOf(60) });
		expect(accepted.headers).toMatchObject({ ratelimit: '"team";r=40;t=63' });
		const refused = await request("POST", "/v1/tasks/batch", { body: batchOf(41) });
		expect(refused.status).toBe(429);
		expect(refused.headers).toMatchObject({ ratelimit: '"team";r=40;t=63' });
		expect((await request("POST", "/v1/tasks/batch", { body: batchOf(40) })).status).toBe(200);
		expect(budget.taken).toEqual([60, 41, 40]);
	});

	it("counts an invalid batch as one request", async () => {
		expect((await request("POST", "/v1/tasks/batch", { body: batchOf(101) })).status).toBe(400);
		expect((await request("POST", "/v1/tasks/batch", { body: "{" })).status).toBe(400);
		expect(budget.taken).toEqual([1, 1]);
	});

	it("counts all keys of a team together, and teams apart", async () => {
		const of = async (team: string) => {
			const { secret } = await createApiKey(world.ports, team, { name: "more", mode: "test" });
			return { headers: { authorization: `Bearer ${secret}` } };
		};
		await spend(100);
		expect((await request("GET", "/v1/tasks", await of("team-a"))).status).toBe(429);
		expect((await request("GET", "/v1/tasks", await of("team-b"))).status).toBe(200);
	});

	it("counts nobody's requests against nobody", async () => {
		await spend(100);
		const strangers = [
			await request("GET", "/v1/tasks", {
				headers: { authorization: "Bearer aq_live_0123456789abcdef01234567" },
			}),
			await request("GET", "/health"),
			await request("GET", "/v1/nothing"),
			await request("PUT", "/v1/tasks"),
		];
		expect(strangers.map(({ status }) => status)).toEqual([401, 200, 404, 405]);
		for (const { headers } of strangers) expect(headers).not.toHaveProperty("ratelimit-policy");
		expect(budget.taken).toHaveLength(100);
	});
});

describe("an API whose limiter cannot tell", () => {
	it("answers, and tells its policy alone", async () => {
		const take = async () => ({ admitted: true as const, budget: undefined });
		await open(() => ({ requestBudget: { limit: LIMIT, take } }));
		const { status, headers } = await request("GET", "/v1/tasks");
		expect(status).toBe(200);
		expect(headers).toMatchObject({ "ratelimit-policy": POLICY });
		expect(headers).not.toHaveProperty("ratelimit");
	});
});

describe("an API without a limit", () => {
	it("says nothing of one, and refuses nobody", async () => {
		await open();
		for (let n = 0; n < 150; n += 1) {
			const { status, headers } = await request("GET", "/v1/tasks");
			expect(status).toBe(200);
			expect(Object.keys(headers)).toEqual(["content-type", "x-request-id"]);
		}
	});
});
