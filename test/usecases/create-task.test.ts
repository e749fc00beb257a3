import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import { AsyncQueueError } from "../../lambda/core/errors.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { createTaskBatch } from "../../lambda/usecases/create-task-batch.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
const open = async (overrides?: (ports: Ports) => Partial<Ports>): Promise<void> => {
	world = await createTestWorld(overrides);
};
beforeEach(() => open());
afterEach(() => world.close());

const create = (request: Partial<Parameters<typeof createTask>[1]> = {}) =>
	createTask(world.ports, { principal: world.principal, newTask: aNewTask(), ...request });
const find = (taskId: string) => world.ports.tasks.get({ teamId: world.principal.teamId, taskId });

describe("a new task", () => {
	it("is shown with everything that was decided for it", async () => {
		const { task } = await create({ newTask: aNewTask({ delay: 90, priority: 9 }) });
		expect(task).toEqual({
			id: expect.stringMatching(/^task_[0-9A-Z]{33}$/),
			queue: "emails",
			status: "pending",
			webhook_url: "https://example.com/hook",
			payload: { user: "usr_123" },
			priority: 9,
			delay: 90,
			max_retries: 3,
			created_at: "2026-11-23T12:00:00.000Z",
			run_at: "2026-11-23T12:01:30.000Z",
			completed_at: null,
			attempts: [],
		});
	});

	it("runs at run_at, whatever its time zone, and now when that is past", async () => {
		const later = await create({ newTask: aNewTask({ run_at: "2026-11-23T14:00:00+01:00" }) });
		expect(later.task).toMatchObject({ run_at: "2026-11-23T13:00:00.000Z", delay: 3_600 });
		const past = await create({ newTask: aNewTask({ run_at: "2020-01-01T00:00:00Z" }) });
		expect(past.task).toMatchObject({ run_at: "2026-11-23T12:00:00.000Z", delay: 0 });
	});

	it("creates its queue with the default policy", async () => {
		await create({ newTask: aNewTask({ queue: "brand-new" }) });
		expect(await world.ports.queues.get("team-a", "brand-new")).toMatchObject({
			settings: { max_retries: 3, retry_backoff: "exponential", timeout: 30 },
			createdAt: START,
		});
	});

	it("is refused when its webhook is not allowed here", async () => {
		world.close();
		await open(() => ({ addressPolicy: addressPolicy() }));
		const refused = create({ newTask: aNewTask({ webhook_url: "https://169.254.169.254/latest" }) });
		await expect(refused).rejects.toMatchObject({
			code: "invalid_request",
			faults: [{ path: "webhook_url", message: "must point to a public address" }],
		});
	});

	it("is refused when its payload is over 256 KiB, and its idempotency key stays free", async () => {
		const tooLarge = create({
			newTask: aNewTask({ payload: { text: "ü".repeat(131_072) } }),
			idempotencyKey: "k",
		});
		await expect(tooLarge).rejects.toMatchObject({ code: "payload_too_large" });
		await expect(create({ idempotencyKey: "k" })).resolves.toMatchObject({ replayed: false });
	});
});

describe("an idempotency key", () => {
	it("gives the first answer again, whatever has happened to the task since", async () => {
		const first = await create({ idempotencyKey: "order-1" });
		await world.runFor(5);
		await putQueue(
			world.ports,
			{ teamId: "team-a", name: "emails" },
			{ ...defaultQueueSettings, max_retries: 9 },
		);
		const second = await create({ idempotencyKey: "order-1" });
		expect(second).toEqual({ task: first.task, replayed: true });
		expect(first.replayed).toBe(false);
		await world.runFor(60);
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("does not mind the order of members, but any other difference", async () => {
		await create({ idempotencyKey: "k", newTask: aNewTask({ payload: { a: 1, b: { c: 2, d: 3 } } }) });
		const reordered = create({
			idempotencyKey: "k",
			newTask: aNewTask({ payload: { b: { d: 3, c: 2 }, a: 1 } }),
		});
		await expect(reordered).resolves.toMatchObject({ replayed: true });
		const different = create({ idempotencyKey: "k", newTask: aNewTask({ payload: { a: 1 } }) });
		await expect(different).rejects.toMatchObject({ code: "idempotency_key_reused" });
	});

	it("is free again after 24 hours", async () => {
		await create({ idempotencyKey: "k" });
		world.clock.advanceBy(86_399_999);
		await expect(create({ idempotencyKey: "k" })).resolves.toMatchObject({ replayed: true });
		world.clock.advanceBy(1);
		await expect(create({ idempotencyKey: "k" })).resolves.toMatchObject({ replayed: false });
	});

	it("sends the message again as long as the task was not called, and no longer", async () => {
		world.close();
		let sent = 0;
		await open(({ deliveryQueue }) => ({
			deliveryQueue: {
				send: (messages) => {
					sent += messages.length;
					return deliveryQueue.send(messages);
				},
			},
		}));
		await create({ idempotencyKey: "k" });
		await create({ idempotencyKey: "k" });
		expect(sent).toBe(2);
		await world.runFor(1);
		await create({ idempotencyKey: "k" });
		expect(sent).toBe(2);
	});

	it("makes one task of twenty simultaneous requests", async () => {
		const results = await Promise.all(Array.from({ length: 20 }, () => create({ idempotencyKey: "k" })));
		expect(new Set(results.map(({ task }) => task.id)).size).toBe(1);
		await world.runFor(600);
		expect(world.webhooks.calls).toHaveLength(1);
	});
});

describe("when the queue does not take the message", () => {
	let broken = true;
	beforeEach(async () => {
		broken = true;
		world.close();
		await open(({ deliveryQueue }) => ({
			deliveryQueue: {
				send: (messages) =>
					broken ? Promise.reject(new Error("queue is down")) : deliveryQueue.send(messages),
			},
		}));
	});

	it("the creator gets an error and no task is left behind", async () => {
		await expect(create()).rejects.toMatchObject({ code: "unavailable" });
		expect((await world.ports.tasks.list({ teamId: "team-a", limit: 10 })).tasks).toEqual([]);
	});

	it("a second try with the same idempotency key finishes the job", async () => {
		await expect(create({ idempotencyKey: "k" })).rejects.toMatchObject({ code: "unavailable" });
		broken = false;
		const { task } = await create({ idempotencyKey: "k" });
		await world.runFor(1);
		expect(await find(task.id)).toMatchObject({ status: "completed" });
		expect(world.webhooks.calls).toHaveLength(1);
	});
});

describe("a batch", () => {
	it("answers every item in order; a bad one does not sink the rest", async () => {
		const items = [aNewTask(), { queue: "!", nope: 1 }, aNewTask({ queue: "other" })];
		const results = await createTaskBatch(world.ports, { principal: world.principal, items });
		expect(results.map((result) => result instanceof AsyncQueueError)).toEqual([false, true, false]);
		expect((results[1] as AsyncQueueError).faults.map(({ path }) => path).sort()).toEqual([
			"nope",
			"queue",
			"webhook_url",
		]);
		await world.runFor(1);
		expect(world.webhooks.calls).toHaveLength(2);
	});

	it("can be repeated with its idempotency key", async () => {
		const batch = { principal: world.principal, items: [aNewTask(), aNewTask()], idempotencyKey: "b" };
		const first = await createTaskBatch(world.ports, batch);
		const second = await createTaskBatch(world.ports, batch);
		const ids = (results: typeof first) =>
			results.map((result) => (result instanceof AsyncQueueError ? result : result.task.id));
		expect(ids(second)).toEqual(ids(first));
		expect(new Set(ids(first)).size).toBe(2);
		await world.runFor(60);
		expect(world.webhooks.calls).toHaveLength(2);
	});
});

describe("a cancelled task", () => {
	it("is never called, even if its message is already on its way", async () => {
		const { task } = await create({ newTask: aNewTask({ delay: 10 }) });
		await world.runFor(9);
		const cancelled = await cancelTask(world.ports, { teamId: "team-a", taskId: task.id });
		expect(cancelled).toMatchObject({ id: task.id, status: "cancelled" });
		await world.runFor(86_400);
		expect(world.webhooks.calls).toEqual([]);
	});

	it("takes its schedule along when it was far away", async () => {
		const { task } = await create({ newTask: aNewTask({ delay: 86_400 }) });
		await cancelTask(world.ports, { teamId: "team-a", taskId: task.id });
		expect(world.world.messages.nextDueAt()).toBeUndefined();
	});

	it("cannot be cancelled again, nor can a finished or foreign one", async () => {
		const { task } = await create();
		await world.runFor(1);
		const key = { teamId: "team-a", taskId: task.id };
		await expect(cancelTask(world.ports, key)).rejects.toMatchObject({ code: "task_not_pending" });
		await expect(cancelTask(world.ports, { ...key, teamId: "team-b" })).rejects.toMatchObject({
			code: "task_not_found",
		});
		await expect(getTask(world.ports, { ...key, taskId: "task_nonsense" })).rejects.toMatchObject({
			code: "task_not_found",
		});
	});
});
