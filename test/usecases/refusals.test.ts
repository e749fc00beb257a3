import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AsyncQueueError, ErrorCode } from "../../lambda/core/errors.ts";
import type { TaskStore } from "../../lambda/ports.ts";
import { authenticate } from "../../lambda/usecases/authenticate.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { createTaskBatch } from "../../lambda/usecases/create-task-batch.ts";
import { deleteQueue } from "../../lambda/usecases/delete-queue.ts";
import { getJob } from "../../lambda/usecases/get-job.ts";
import { getQueue } from "../../lambda/usecases/get-queue.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { patchQueue } from "../../lambda/usecases/patch-queue.ts";
import { retryTask } from "../../lambda/usecases/retry-task.ts";
import { revokeApiKey } from "../../lambda/usecases/revoke-api-key.ts";
import { rotateApiKey } from "../../lambda/usecases/rotate-api-key.ts";
import { startJob } from "../../lambda/usecases/start-job.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

const down = new Error("the queue is down");

let world: TestWorld;
let isDown: boolean;
beforeEach(async () => {
	isDown = false;
	const unlessDown = (send: () => Promise<void>) => (isDown ? Promise.reject(down) : send());
	world = await createTestWorld(({ deliveryQueue, workQueue }) => ({
		deliveryQueue: overriding(deliveryQueue, {
			send: (messages) => unlessDown(() => deliveryQueue.send(messages)),
		}),
		workQueue: overriding(workQueue, { send: (messages) => unlessDown(() => workQueue.send(messages)) }),
	}));
});
afterEach(() => world.close());

const queueKey = (name = "emails") => ({ teamId: world.principal.teamId, name });
const taskKey = (taskId: string) => ({ teamId: world.principal.teamId, taskId });
const stored = async (changes: Parameters<typeof storeTasks>[2] = {}) =>
	taskKey((await storeTasks(world, 1, changes))[0] ?? "");

/** What a caller is told who cannot have what was asked for. */
const refusal = async (asked: Promise<unknown>): Promise<[ErrorCode, string, unknown]> => {
	const error = await asked.then(
		() => {
			throw new Error("it was not refused");
		},
		(reason: AsyncQueueError) => reason,
	);
	return [error.code, error.message, error.cause];
};

const LONG = "x".repeat(100);

describe("who asks for something that is not there", () => {
	it("is told what there is not, as far as it is worth repeating", async () => {
		const { ports } = world;
		const job = { queue: queueKey(), jobId: LONG };
		const missing = [
			[getTask(ports, taskKey(LONG)), "task_not_found", "task"],
			[getQueue(ports, queueKey(LONG)), "queue_not_found", "queue"],
			[patchQueue(ports, queueKey(LONG), {}), "queue_not_found", "queue"],
			[getJob(ports, job), "job_not_found", "job"],
			[revokeApiKey(ports, "team-a", LONG), "api_key_not_found", "API key"],
			[rotateApiKey(ports, "team-a", LONG, 0), "api_key_not_found", "API key"],
		] as const;
		for (const [asked, code, what] of missing)
			expect(await refusal(asked)).toEqual([code, `There is no ${what} ${LONG.slice(0, 64)}`, undefined]);
	});

	it("is told the same of a task that goes in the last moment", async () => {
		const { tasks } = world.ports;
		const gone: Partial<TaskStore> = {
			cancel: async () => ({ done: false, task: undefined }),
			reopen: async () => ({ done: false, task: undefined }),
		};
		const ports = { ...world.ports, tasks: overriding(tasks, gone) };
		const key = await stored(FAILED);
		for (const asked of [cancelTask(ports, key), retryTask(ports, key)])
			expect(await refusal(asked)).toEqual(["task_not_found", `There is no task ${key.taskId}`, undefined]);
	});

	it("does not make the store look for what cannot be an id", async () => {
		const looked: unknown[] = [];
		const look = async (...key: unknown[]) => {
			looked.push(key);
			return undefined;
		};
		const { tasks, jobs, queues } = world.ports;
		const ports = {
			...world.ports,
			tasks: overriding(tasks, { get: look }),
			jobs: overriding(jobs, { get: look }),
			queues: overriding(queues, { getFresh: look }),
		};
		const jobId = "job_01KANV8E00ABCDEFGHJKMNPQRS";
		for (const asked of [
			getTask(ports, taskKey("../tasks")),
			getQueue(ports, queueKey("a/b")),
			getJob(ports, { queue: queueKey(), jobId: "job_1" }),
			getJob(ports, { queue: queueKey("a/b"), jobId }),
		])
			await refusal(asked);
		expect(looked).toEqual([]);
		await refusal(getJob(ports, { queue: queueKey(), jobId }));
		expect(looked).toHaveLength(1);
	});
});

describe("who asks for something that the state of things does not allow", () => {
	it("is told the status of the task and what would be needed", async () => {
		const failed = await stored(FAILED);
		expect(await refusal(cancelTask(world.ports, failed))).toEqual([
			"task_not_pending",
			"The task is failed; only a pending task can be cancelled",
			undefined,
		]);
		const pending = await stored();
		expect(await refusal(retryTask(world.ports, pending))).toEqual([
			"task_not_failed",
			"The task is pending; only a failed task can be retried",
			undefined,
		]);
	});

	it("is told which tasks are in a queue's way, and how to go on all the same", async () => {
		const how = "force=true cancels what is pending and then deletes the queue";
		await stored({ status: "active", leaseUntil: world.clock.now() + 1 });
		expect(await refusal(deleteQueue(world.ports, queueKey()))).toEqual([
			"queue_not_empty",
			`The queue has active tasks; ${how}`,
			undefined,
		]);
		await stored();
		expect(await refusal(deleteQueue(world.ports, queueKey()))).toEqual([
			"queue_not_empty",
			`The queue has pending tasks; ${how}`,
			undefined,
		]);
	});

	it("is told that a key is needed, and not what is wrong with the one that was given", async () => {
		const required = ["api_key_required", "API key required", undefined];
		for (const none of [undefined, ""])
			expect(await refusal(authenticate(world.ports, none))).toEqual(required);
		const invalid = ["invalid_api_key", "Invalid or revoked API key", undefined];
		await revokeApiKey(world.ports, "team-a", world.principal.keyId);
		for (const wrong of ["x", `aq_live_${"x".repeat(32)}`, world.secret])
			expect(await refusal(authenticate(world.ports, wrong))).toEqual(invalid);
	});

	it("is told that a key is revoked, and that an idempotency key belongs to another request", async () => {
		const { ports, principal } = world;
		const idempotencyKey = "order-1";
		await createTask(ports, { principal, newTask: aNewTask(), idempotencyKey });
		const other = createTask(ports, { principal, newTask: aNewTask({ priority: 1 }), idempotencyKey });
		expect(await refusal(other)).toEqual([
			"idempotency_key_reused",
			"This Idempotency-Key was used with a different request; use a new key for a new task",
			undefined,
		]);
		await revokeApiKey(ports, principal.teamId, principal.keyId);
		expect(await refusal(rotateApiKey(ports, principal.teamId, principal.keyId, 0))).toEqual([
			"api_key_revoked",
			"The API key is revoked; create a new one",
			undefined,
		]);
	});
});

describe("when a queue of ours is down", () => {
	it("a caller is told to try again, and the log has the cause", async () => {
		const { ports, principal } = world;
		const failed = await stored(FAILED);
		isDown = true;
		const order = { kind: "redrive", filter: { status: "failed" } } as const;
		const batch = { principal, items: [aNewTask()] };
		const asked = [
			[
				createTask(ports, { principal, newTask: aNewTask() }),
				"The task could not be queued; please try again",
			],
			[createTaskBatch(ports, batch), "The task could not be queued; please try again"],
			[retryTask(ports, failed), "The task could not be queued; please try again"],
			[startJob(ports, queueKey(), order), "The job could not be queued; please try again"],
			[
				patchQueue(ports, queueKey(), { timeout: 7 }),
				"The settings are stored, but may not be in force yet; please try again",
			],
		] as const;
		for (const [request, sentence] of asked)
			expect(await refusal(request)).toEqual(["unavailable", sentence, down]);
	});

	it("a batch without an idempotency key leaves nothing behind, one with a key goes on at the second try", async () => {
		const { ports, principal } = world;
		const items = [aNewTask(), aNewTask()];
		const count = async () => (await ports.tasks.list({ teamId: "team-a", limit: 10 })).tasks.length;
		isDown = true;
		await refusal(createTaskBatch(ports, { principal, items }));
		expect(await count()).toBe(0);
		await refusal(createTaskBatch(ports, { principal, items, idempotencyKey: "b" }));
		expect(await count()).toBe(2);
		isDown = false;
		await createTaskBatch(ports, { principal, items, idempotencyKey: "b" });
		await world.runFor(1);
		expect(world.webhooks.calls).toHaveLength(2);
		expect(await count()).toBe(2);
	});
});
