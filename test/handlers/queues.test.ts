import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

const START_TEXT = new Date(START).toISOString();

const DEFAULTS = {
	max_retries: 3,
	retry_backoff: "exponential",
	retry_delay: 1,
	retry_max_delay: 3_600,
	timeout: 30,
	rate_limit: null,
	concurrency: null,
	paused: false,
	respect_retry_after: "task",
	retention_days: { completed: 7, failed: 30 },
};

const CUSTOM = {
	max_retries: 0,
	retry_backoff: "fixed",
	retry_delay: 5,
	retry_max_delay: 10,
	timeout: 2,
	rate_limit: { limit: 5, per_seconds: 2 },
	concurrency: 4,
	paused: true,
	respect_retry_after: "queue",
	retention_days: { completed: 1, failed: 2 },
};

const pathsOf = ({ body }: { body: { errors: { path: string }[] } }): string[] =>
	body.errors.map(({ path }) => path).sort();

describe("a queue over HTTP", () => {
	it("is replaced as a whole by PUT", async () => {
		const view = { name: "emails", created_at: START_TEXT, held_until: null };
		expect(await request("GET", "/v1/queues/emails")).toMatchObject({
			status: 404,
			body: { code: "queue_not_found" },
		});
		expect(await request("PUT", "/v1/queues/emails", { body: CUSTOM })).toMatchObject({
			status: 200,
			body: { ...view, ...CUSTOM },
		});
		const replaced = await request("PUT", "/v1/queues/emails", { body: { timeout: 3 } });
		expect(replaced.body).toMatchObject({ ...view, ...DEFAULTS, timeout: 3 });
		expect(replaced.body).not.toHaveProperty("counts");
	});

	it("is changed in parts by PATCH", async () => {
		await request("PUT", "/v1/queues/emails", { body: CUSTOM });
		const patch = { timeout: 9, rate_limit: null, concurrency: null, retention_days: { failed: 3 } };
		const patched = await request("PATCH", "/v1/queues/emails", { body: patch });
		const expected = { ...CUSTOM, ...patch, retention_days: { completed: 1, failed: 3 } };
		expect(patched).toMatchObject({ status: 200, body: expected });
		expect((await request("GET", "/v1/queues/emails")).body).toMatchObject(expected);
		expect(await request("PATCH", "/v1/queues/other", { body: patch })).toMatchObject({ status: 404 });
	});

	it("is shown with its counts, and a hold while it lasts", async () => {
		await storeTasks(world, 2);
		await storeTasks(world, 1, FAILED);
		const queue = { teamId: world.principal.teamId, name: "emails" };
		await world.ports.queues.hold(queue, START + 60_000);
		const count = { exact: true, as_of: expect.stringMatching(/Z$/) };
		const shown = await request("GET", "/v1/queues/emails");
		expect(shown.body).toEqual({
			name: "emails",
			...DEFAULTS,
			created_at: START_TEXT,
			updated_at: START_TEXT,
			held_until: new Date(START + 60_000).toISOString(),
			counts: {
				pending: { ...count, count: 2 },
				active: { ...count, count: 0 },
				failed: { ...count, count: 1 },
			},
		});
		const resumed = await request("POST", "/v1/queues/emails/resume");
		expect(resumed).toMatchObject({ status: 200, body: { held_until: null } });
	});

	it("is listed by name, without counts", async () => {
		for (const name of ["reports", "emails"]) await request("PUT", `/v1/queues/${name}`, { body: {} });
		const { status, body } = await request("GET", "/v1/queues");
		expect(status).toBe(200);
		expect(body.queues).toEqual(
			["emails", "reports"].map((name) => ({
				name,
				...DEFAULTS,
				created_at: START_TEXT,
				updated_at: START_TEXT,
				held_until: null,
			})),
		);
	});

	it("is paused and resumed", async () => {
		for (const action of ["pause", "resume"])
			expect(await request("POST", `/v1/queues/emails/${action}`)).toMatchObject({ status: 404 });
		await request("PUT", "/v1/queues/emails", { body: { timeout: 3 } });
		const paused = await request("POST", "/v1/queues/emails/pause");
		expect(paused).toMatchObject({ status: 200, body: { paused: true, timeout: 3 } });
		const resumed = await request("POST", "/v1/queues/emails/resume");
		expect(resumed).toMatchObject({ status: 200, body: { paused: false, timeout: 3 } });
	});

	it.each(["PUT", "PATCH"])(
		"refuses settings that make no sense to %s, all of them at once",
		async (method) => {
			await request("PUT", "/v1/queues/emails", { body: {} });
			const body = {
				...{ max_retries: 21, retry_backoff: "linear", retry_delay: 0, retry_max_delay: 86_401, timeout: 0 },
				...{ rate_limit: { limit: 0, per: 1 }, concurrency: 0, paused: "yes", respect_retry_after: "all" },
				...{ retention_days: { completed: 0, failed: 366, cancelled: 1 }, colour: "red" },
			};
			const refused = await request(method, "/v1/queues/emails", { body });
			expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request" } });
			expect(pathsOf(refused)).toEqual([
				"colour",
				"concurrency",
				"max_retries",
				"paused",
				"rate_limit.limit",
				"rate_limit.per",
				"rate_limit.per_seconds",
				"respect_retry_after",
				"retention_days.cancelled",
				"retention_days.completed",
				"retention_days.failed",
				"retry_backoff",
				"retry_delay",
				"retry_max_delay",
				"timeout",
			]);
		},
	);

	it("refuses a name that is none", async () => {
		const refused = await request("PUT", "/v1/queues/-bad", { body: {} });
		expect(refused).toMatchObject({ status: 400 });
		expect(pathsOf(refused)).toEqual(["queue"]);
		expect(await request("GET", "/v1/queues/-bad")).toMatchObject({ status: 404 });
	});
});

describe("DELETE /v1/queues/{queue}", () => {
	it("answers 204 for a queue without unfinished tasks, 409 otherwise", async () => {
		expect(await request("DELETE", "/v1/queues/emails")).toMatchObject({ status: 404 });
		await storeTasks(world, 1, FAILED);
		expect(await request("DELETE", "/v1/queues/emails?force=false")).toMatchObject({
			status: 204,
			body: undefined,
		});
		await storeTasks(world, 1);
		expect(await request("DELETE", "/v1/queues/emails")).toMatchObject({
			status: 409,
			body: { code: "queue_not_empty" },
		});
	});

	it("cancels and deletes by a job when it is forced", async () => {
		await storeTasks(world, 1);
		const begun = await request("DELETE", "/v1/queues/emails?force=true");
		expect(begun).toMatchObject({ status: 202, body: { kind: "delete", status: "running", total: 1 } });
		await world.runFor(1);
		const job = await request("GET", String(begun.headers["location"]));
		expect(job).toMatchObject({ status: 200, body: { status: "finished", changed: 1 } });
		expect(await request("GET", "/v1/queues/emails")).toMatchObject({ status: 404 });
	});

	it("refuses what it does not know", async () => {
		const refused = await request("DELETE", "/v1/queues/emails?force=yes&now=1");
		expect(refused).toMatchObject({ status: 400 });
		expect(pathsOf(refused)).toEqual(["force", "now"]);
	});
});
