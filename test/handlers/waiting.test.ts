import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

const create = async (changes: object = {}): Promise<string> => {
	const body = { queue: "emails", webhook_url: "https://example.com/hook", ...changes };
	return (await request("POST", "/v1/tasks", { body })).body.id;
};

/** Lets requests get on until they sleep or are answered. */
const settle = async (): Promise<void> => {
	for (let turn = 0; turn < 20; turn += 1) await nextTurn();
};

/** Time passes, from one sleeper that wakes to the next. */
const pass = async (seconds: number): Promise<void> => {
	const { clock, runUntil } = world;
	const end = clock.now() + seconds * 1_000;
	while (clock.now() < end) {
		await runUntil(Math.min(clock.nextWakeAt() ?? end, end));
		await settle();
	}
};

/** A request that waits, and the instant at which it is answered by the world's clock. */
const waiting = async (id: string, query: string) => {
	const state = { answeredAt: 0 };
	const answered = request("GET", `/v1/tasks/${id}?${query}`).then((result) => {
		state.answeredAt = world.clock.now();
		return result;
	});
	await settle();
	return { state, answered };
};

describe("GET /v1/tasks/{task_id}?wait=", () => {
	it("is answered within a second of the change, long before the wait is over", async () => {
		const id = await create({ delay: 8 });
		const { state, answered } = await waiting(id, "wait=20");
		const dueAt = world.clock.now() + 8_000;
		await pass(20);
		expect(await answered).toMatchObject({ status: 200, body: { status: "completed" } });
		expect(state.answeredAt).toBeGreaterThanOrEqual(dueAt);
		expect(state.answeredAt).toBeLessThanOrEqual(dueAt + 1_000);
	});

	it("is answered with the unchanged task when the time is over", async () => {
		const id = await create({ delay: 60 });
		const startedAt = world.clock.now();
		const { state, answered } = await waiting(id, "wait=5");
		await pass(4.9);
		expect(state.answeredAt).toBe(0);
		await pass(1);
		expect(await answered).toMatchObject({ status: 200, body: { id, status: "pending", attempts: [] } });
		expect(state.answeredAt).toBe(startedAt + 5_000);
	});

	it("is answered after a failed attempt, also if the task waits again by then", async () => {
		world.webhooks.willAnswer(answer(503));
		const id = await create({ delay: 3 });
		const { answered } = await waiting(id, "wait=20");
		await pass(20);
		expect((await answered).body).toMatchObject({ status: "pending", attempts: [{ number: 1 }] });
	});

	it("is answered at once when the task is final, and without a wait", async () => {
		const [done, later] = [await create(), await create({ delay: 60 })];
		await pass(1);
		expect((await request("GET", `/v1/tasks/${done}?wait=20`)).body.status).toBe("completed");
		expect((await request("GET", `/v1/tasks/${later}?wait=0`)).body.status).toBe("pending");
	});

	it("says so when the task is cancelled or deleted meanwhile", async () => {
		const [cancelled, deleted] = [await create({ delay: 60 }), await create({ delay: 60 })];
		const [first, second] = [await waiting(cancelled, "wait=20"), await waiting(deleted, "wait=20")];
		await request("DELETE", `/v1/tasks/${cancelled}`);
		await world.ports.tasks.remove({ teamId: world.principal.teamId, taskId: deleted });
		await pass(1);
		expect((await first.answered).body.status).toBe("cancelled");
		expect((await second.answered).body.code).toBe("task_not_found");
	});

	it.each(["wait=21", "wait=-1", "wait=1.5", "wait=soon"])("refuses %s", async (query) => {
		const { status, body } = await request("GET", `/v1/tasks/${await create()}?${query}`);
		expect(status).toBe(400);
		expect(body.errors).toEqual([{ path: "wait", message: expect.any(String) }]);
	});

	it("refuses what it does not know, as a typo must not be dropped silently", async () => {
		const { status, body } = await request("GET", `/v1/tasks/${await create()}?wiat=20`);
		expect(status).toBe(400);
		expect(body.errors).toEqual([{ path: "wiat", message: "is not a known member" }]);
	});
});
