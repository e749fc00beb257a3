import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AsyncQueueError } from "../../lambda/core/errors.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { createTaskBatch } from "../../lambda/usecases/create-task-batch.ts";
import { deliverBatch } from "../../lambda/usecases/deliver-batch.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { startJob } from "../../lambda/usecases/start-job.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

const KEY = { teamId: "team-a", name: "emails" };
const broken = new Error("throttled");

let world: TestWorld;
const open = async (overrides?: (ports: Ports) => Partial<Ports>): Promise<void> => {
	world = await createTestWorld(overrides);
};
const reopen = async (overrides: (ports: Ports) => Partial<Ports>): Promise<void> => {
	world.close();
	await open(overrides);
};
beforeEach(() => open());
afterEach(() => world.close());

const create = async (overrides: Parameters<typeof aNewTask>[0] = {}): Promise<string> => {
	const { principal } = world;
	return (await createTask(world.ports, { principal, newTask: aNewTask(overrides) })).task.id;
};
const linesOf = (event: string) => world.logs.filter((line) => line.event === event);
const statusOf = async (taskId: string) =>
	(await world.ports.tasks.get({ teamId: "team-a", taskId }))?.status;

describe("an operator reads in the log", () => {
	it("how each attempt ended, how late it was, and what comes next", async () => {
		world.webhooks.willAnswer(answer(500), answer(200));
		const id = await create({ delay: 10 });
		await world.runFor(9);
		world.clock.advanceBy(1_250);
		await world.runFor(60);
		const attempted = { event: "delivery.attempted", level: "warn" };
		const about = {
			team_id: "team-a",
			task_id: id,
			queue: "emails",
			max_attempts: 4,
			duration_ms: 5,
		};
		expect(linesOf("delivery.attempted")).toEqual([
			{
				...attempted,
				fields: {
					...about,
					attempt: 1,
					outcome: "http_500",
					response_code: 500,
					lag_ms: 250,
					next: "retry_later",
					next_due_in_ms: 1_000,
				},
			},
			{
				...attempted,
				level: "info",
				fields: {
					...about,
					attempt: 2,
					outcome: "delivered",
					response_code: 200,
					lag_ms: 0,
					next: "succeed",
					next_due_in_ms: undefined,
				},
			},
		]);
	});

	it("that a message was one too many, only when looking closely", async () => {
		const id = await create();
		await world.runFor(1);
		const message = { team_id: "team-a", queue: "emails", priority: 5, attempt: 1, due_at: 0 };
		for (const task_id of [id, id.replace("task_0", "task_1")])
			await deliverBatch(world.ports, [JSON.stringify({ ...message, task_id })]);
		expect(linesOf("delivery.refused")).toMatchObject([
			{ level: "debug", fields: { task_id: id, attempt: 1, status: "completed" } },
			{ level: "debug", fields: { attempt: 1, status: "gone" } },
		]);
	});

	it("how far a bulk job is", async () => {
		await storeTasks(world, 2, FAILED);
		const { id } = await startJob(world.ports, KEY, { kind: "redrive", filter: { status: "failed" } });
		await world.runFor(1);
		expect(linesOf("job.advanced")).toEqual([
			{
				level: "info",
				event: "job.advanced",
				fields: { job_id: id, kind: "redrive", queue: "emails", status: "finished", changed: 2 },
			},
		]);
	});
});

describe("what goes wrong on the side is logged, and does not stop what was asked for", () => {
	it("a schedule that cannot be removed: the task is cancelled all the same", async () => {
		await reopen(({ scheduler }) => ({
			scheduler: overriding(scheduler, { unschedule: () => Promise.reject(broken) }),
		}));
		const [near, far] = [await create({ delay: 60 }), await create({ delay: 86_400 })];
		for (const taskId of [near, far])
			expect(await cancelTask(world.ports, { teamId: "team-a", taskId })).toMatchObject({
				status: "cancelled",
			});
		expect(linesOf("task.unschedule_failed")).toEqual([
			{ level: "warn", event: "task.unschedule_failed", fields: { task_id: far, error: broken } },
		]);
		await world.runFor(86_400);
		expect(world.webhooks.calls).toEqual([]);
	});

	it("a task of a batch that cannot be stored: the others are, and its sender may try again", async () => {
		await reopen(({ tasks }) => ({
			tasks: overriding(tasks, {
				put: (task) => (task.queue === "bad" ? Promise.reject(broken) : tasks.put(task)),
			}),
		}));
		const items = [aNewTask(), aNewTask({ queue: "bad" })];
		const [stored, failed] = await createTaskBatch(world.ports, { principal: world.principal, items });
		expect(stored).toMatchObject({ replayed: false });
		expect(failed).toBeInstanceOf(AsyncQueueError);
		expect(failed).toMatchObject({
			code: "unavailable",
			message: "The task could not be stored; please try again",
		});
		expect(linesOf("task.store_failed")).toEqual([
			{ level: "error", event: "task.store_failed", fields: { index: 1, error: broken } },
		]);
		await world.runFor(1);
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("a message in line that cannot be worked on: its task goes on later", async () => {
		let failures = 1;
		await reopen(({ tasks }) => ({
			tasks: overriding(tasks, {
				claim: (claim) => (failures-- > 0 ? Promise.reject(broken) : tasks.claim(claim)),
			}),
		}));
		await putQueue(world.ports, KEY, { ...defaultQueueSettings, concurrency: 1 });
		const id = await create();
		await world.runFor(59);
		expect(linesOf("pump.message_failed")).toEqual([
			{
				level: "error",
				event: "pump.message_failed",
				fields: { task_id: id, attempt: 1, result: "resumed", error: broken },
			},
		]);
		expect(await statusOf(id)).toBe("pending");
		await world.runFor(2);
		expect(await statusOf(id)).toBe("completed");
	});
});
