import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Job, JobFilter, JobKind } from "../../lambda/core/job.ts";
import type { QueueKey } from "../../lambda/core/queue.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import type { TaskStore } from "../../lambda/ports.ts";
import { advanceJob } from "../../lambda/usecases/advance-job.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getJob } from "../../lambda/usecases/get-job.ts";
import { getQueue } from "../../lambda/usecases/get-queue.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { startJob } from "../../lambda/usecases/start-job.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { claimOf, failedAttempt } from "../support/task-transitions.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const DAY_MS = 86_400_000;

let world: TestWorld;
let queue: QueueKey;
beforeEach(async () => {
	world = await createTestWorld();
	await putQueue(world.ports, { teamId: "team-a", name: "emails" }, defaultQueueSettings);
	queue = { teamId: world.principal.teamId, name: "emails" };
});
afterEach(() => world.close());

const run = async (kind: JobKind, filter: JobFilter, seconds = 0): Promise<Job> => {
	const { id } = await startJob(world.ports, queue, { kind, filter });
	await world.runFor(seconds);
	return getJob(world.ports, { queue, jobId: id });
};
const statusOf = async (taskId: string): Promise<string> =>
	(await getTask(world.ports, { teamId: queue.teamId, taskId })).status;
const statusesOf = (ids: readonly string[]): Promise<string[]> => Promise.all(ids.map(statusOf));
const calledIds = (): string[] => world.webhooks.bodies.map(({ task_id }) => task_id).sort();
const create = async (overrides: Parameters<typeof aNewTask>[0] = {}): Promise<string> => {
	const { principal } = world;
	return (await createTask(world.ports, { principal, newTask: aNewTask(overrides) })).task.id;
};

describe("a redrive", () => {
	it("calls every failed task again, over several pages", async () => {
		const ids = await storeTasks(world, 230, FAILED);
		const [completed = ""] = await storeTasks(world, 1, { ...FAILED, status: "completed" });
		expect(await run("redrive", { status: "failed" })).toMatchObject({
			status: "finished",
			total: 230,
			changed: 230,
			finishedAt: START,
			batch: [],
		});
		expect(calledIds()).toEqual(ids.toSorted());
		expect(world.webhooks.bodies.every(({ attempt }) => attempt === 2)).toBe(true);
		expect(await statusOf(completed)).toBe("completed");
	});

	it("does not go round with what fails again", async () => {
		await storeTasks(world, 3, FAILED);
		const { settings } = await getQueue(world.ports, queue);
		await putQueue(world.ports, queue, { ...settings, max_retries: 0 });
		world.webhooks.willAnswer(answer(500), answer(500), answer(500));
		expect(await run("redrive", { status: "failed" }, 3_600)).toMatchObject({ changed: 3 });
		expect(world.webhooks.calls).toHaveLength(3);
	});

	it("takes only what ended in one way, was created before an instant, or is kept still", async () => {
		const timedOut = { ...FAILED, attempts: [failedAttempt(1, { error: "timeout", responseCode: null })] };
		const wanted = await storeTasks(world, 2, timedOut);
		await storeTasks(world, 1, FAILED);
		await storeTasks(world, 1, { ...timedOut, createdAt: START - 1_500 });
		await storeTasks(world, 1, { ...timedOut, expiresAt: START });
		const filter = { status: "failed", code: "timeout", createdBefore: START - 1_500 } as const;
		expect(await run("redrive", filter)).toMatchObject({ changed: 2, total: null });
		expect(calledIds()).toEqual(wanted.toSorted());
	});

	it.each([1, 100, 101, 130, 131])("of at most %i tasks takes no more", async (max) => {
		await storeTasks(world, 130, FAILED);
		const changed = Math.min(max, 130);
		expect(await run("redrive", { status: "failed", max })).toMatchObject({ changed, total: changed });
		expect(new Set(calledIds()).size).toBe(changed);
	});
});

describe("a bulk cancel", () => {
	it("cancels what is pending, also what is scheduled for later, and keeps it as long as the queue says", async () => {
		await putQueue(world.ports, queue, {
			...defaultQueueSettings,
			retention_days: { completed: 2, failed: 3 },
		});
		const ids = [await create({ delay: 60 }), await create({ delay: 86_400 })];
		const [active = ""] = await storeTasks(world, 1, { status: "active", leaseUntil: START + 150_000 });
		expect(await run("cancel", { status: "pending" })).toMatchObject({ changed: 2, total: 2 });
		expect(await statusesOf(ids)).toEqual(["cancelled", "cancelled"]);
		expect(await statusOf(active)).toBe("active");
		await world.runFor(120);
		expect(world.world.messages.nextDueAt()).toBeUndefined();
		await world.runUntil(START + 2 * DAY_MS - 1);
		expect(world.webhooks.calls).toEqual([]);
		expect(await statusesOf(ids)).toEqual(["cancelled", "cancelled"]);
		await world.runUntil(START + 2 * DAY_MS);
		await expect(statusOf(ids[0] ?? "")).rejects.toMatchObject({ code: "task_not_found" });
	});

	it("leaves tasks that come after it alone", async () => {
		await create({ delay: 60 });
		const { id } = await startJob(world.ports, queue, { kind: "cancel", filter: { status: "pending" } });
		world.clock.advanceBy(1);
		const later = await create({ delay: 60 });
		await world.runFor(1);
		expect(await getJob(world.ports, { queue, jobId: id })).toMatchObject({ changed: 1 });
		expect(await statusOf(later)).toBe("pending");
	});

	it("of at most so many tasks goes on when one of those is called in the last moment", async () => {
		const ids = await storeTasks(world, 4);
		const { tasks } = world.ports;
		let pages = 0;
		const walk: TaskStore["walk"] = async (...args) => {
			const page = await tasks.walk(...args);
			const [first] = page.tasks;
			pages += 1;
			if (pages === 1 && first) await tasks.claim(claimOf(first, { now: START }));
			return page;
		};
		const ports = { ...world.ports, tasks: overriding(tasks, { walk }) };
		const order = { kind: "cancel", filter: { status: "pending", max: 2 } } as const;
		const { teamId, id } = await startJob(ports, queue, order);
		await advanceJob(ports, { kind: "job", team_id: teamId, queue: "emails", job_id: id, due_at: START });
		expect(await getJob(ports, { queue, jobId: id })).toMatchObject({ status: "finished", changed: 2 });
		expect(await statusesOf(ids)).toEqual(["active", "cancelled", "cancelled", "pending"]);
	});

	it("does not count what somebody else has finished", async () => {
		const [first = ""] = [await create({ delay: 60 }), await create({ delay: 60 })];
		await cancelTask(world.ports, { teamId: queue.teamId, taskId: first });
		expect(await run("cancel", { status: "pending" })).toMatchObject({ changed: 1 });
	});
});

describe("a purge", () => {
	it.each(["failed", "completed", "cancelled"] as const)("deletes the %s tasks for good", async (status) => {
		const others = (["failed", "completed", "cancelled"] as const).filter((other) => other !== status);
		const ids = await storeTasks(world, 120, { ...FAILED, status });
		const kept = await Promise.all(others.map((other) => storeTasks(world, 1, { ...FAILED, status: other })));
		expect(await run("purge", { status })).toMatchObject({ changed: 120, status: "finished" });
		await expect(statusOf(ids[0] ?? "")).rejects.toMatchObject({ code: "task_not_found" });
		expect(await statusesOf(kept.flat())).toEqual(others);
	});

	it("leaves what finished after it began", async () => {
		const [id = ""] = await storeTasks(world, 1, { ...FAILED, completedAt: START });
		expect(await run("purge", { status: "failed" })).toMatchObject({ changed: 0 });
		expect(await statusOf(id)).toBe("failed");
	});
});

describe("deleting a queue with its tasks", () => {
	const force = () => run("delete", { status: "pending" });

	it("cancels what is pending and forgets the queue, but not the job", async () => {
		const ids = [await create({ delay: 60 }), await create({ delay: 60 })];
		expect(await force()).toMatchObject({ status: "finished", changed: 2, total: 2 });
		expect(await statusesOf(ids)).toEqual(["cancelled", "cancelled"]);
		await expect(getQueue(world.ports, queue)).rejects.toMatchObject({ code: "queue_not_found" });
	});

	it("leaves a queue that was created under the name meanwhile", async () => {
		await create({ delay: 60 });
		await startJob(world.ports, queue, { kind: "delete", filter: { status: "pending" } });
		await world.ports.queues.remove(queue);
		world.clock.advanceBy(1);
		await putQueue(world.ports, queue, { ...defaultQueueSettings, timeout: 9 });
		await world.runFor(1);
		expect(await getQueue(world.ports, queue)).toMatchObject({ settings: { timeout: 9 } });
	});
});

describe("any job", () => {
	it("begins with everything to do, under an id of its own", async () => {
		const order = { kind: "redrive", filter: { status: "failed" } } as const;
		expect(await startJob(world.ports, queue, order)).toEqual({
			...order,
			teamId: "team-a",
			queue: "emails",
			id: expect.stringMatching(/^job_[0-9A-Z]{26}$/),
			status: "running",
			total: 0,
			changed: 0,
			batch: [],
			cursor: "",
			version: 0,
			createdAt: START,
			updatedAt: START,
		});
	});

	it("says how many tasks it expects to change where counting them is cheap", async () => {
		await storeTasks(world, 3, FAILED);
		await storeTasks(world, 2);
		const total = async (filter: JobFilter) =>
			(await startJob(world.ports, queue, { kind: "purge", filter })).total;
		expect(await total({ status: "failed" })).toBe(3);
		expect(await total({ status: "failed", max: 2 })).toBe(2);
		expect(await total({ status: "pending" })).toBe(2);
		expect(await total({ status: "completed" })).toBeNull();
		expect(await total({ status: "failed", code: "timeout" })).toBeNull();
		const { tasks } = world.ports;
		const many = { count: 10_000, exact: false, asOf: START };
		const count = async () => ({ pending: many, active: many, failed: many });
		const ports = { ...world.ports, tasks: overriding(tasks, { count }) };
		const order = { kind: "redrive", filter: { status: "failed" } } as const;
		expect(await startJob(ports, queue, order)).toMatchObject({ total: null });
	});

	it("is refused for an unknown queue", async () => {
		const order = { kind: "redrive", filter: { status: "failed" } } as const;
		const unknown = startJob(world.ports, { ...queue, name: "reports" }, order);
		await expect(unknown).rejects.toMatchObject({ code: "queue_not_found" });
		for (const jobId of ["job_1", "job_01KANV8E00ABCDEFGHJKMNPQRS"])
			await expect(getJob(world.ports, { queue, jobId })).rejects.toMatchObject({ code: "job_not_found" });
	});

	it("ends where there is nothing to do", async () => {
		await storeTasks(world, 0);
		expect(await run("redrive", { status: "failed" })).toMatchObject({
			status: "finished",
			total: 0,
			changed: 0,
		});
	});
});
