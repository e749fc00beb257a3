import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultQueueSettings, type QueueKey } from "../../lambda/core/queue.ts";
import type { WorkMessage } from "../../lambda/core/work-message.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { deleteQueue } from "../../lambda/usecases/delete-queue.ts";
import { getQueue, getQueueState } from "../../lambda/usecases/get-queue.ts";
import { patchQueue } from "../../lambda/usecases/patch-queue.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { resumeQueue } from "../../lambda/usecases/resume-queue.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const DAY_MS = 86_400_000;

let world: TestWorld;
let queue: QueueKey;
/** What happens to a queue's settings, in order. */
let happened: string[];
let sent: WorkMessage[];
let sendsFail: boolean;
beforeEach(async () => {
	happened = [];
	sent = [];
	sendsFail = false;
	world = await createTestWorld(({ queues, workQueue, pumpSheets }) => ({
		queues: overriding(queues, {
			replace: (...args) => {
				happened.push("replace");
				return queues.replace(...args);
			},
			inForce: async () => {
				await queues.inForce();
				happened.push("in force");
			},
		}),
		pumpSheets: overriding(pumpSheets, {
			write: (...args) => {
				happened.push("reset");
				return pumpSheets.write(...args);
			},
		}),
		workQueue: overriding(workQueue, {
			send: (messages) => {
				if (sendsFail) return Promise.reject(new Error("queue is down"));
				happened.push("pump");
				sent.push(...messages);
				return workQueue.send(messages);
			},
		}),
	}));
	queue = { teamId: world.principal.teamId, name: "emails" };
});
afterEach(() => world.close());

const create = async (overrides: Parameters<typeof aNewTask>[0] = {}): Promise<string> => {
	const { principal } = world;
	return (await createTask(world.ports, { principal, newTask: aNewTask(overrides) })).task.id;
};

describe("changing settings", () => {
	it("loses no change that somebody else makes at the same time", async () => {
		await putQueue(world.ports, queue, defaultQueueSettings);
		await Promise.all([
			patchQueue(world.ports, queue, { timeout: 7 }),
			patchQueue(world.ports, queue, { max_retries: 0 }),
			patchQueue(world.ports, queue, { concurrency: 2 }),
		]);
		const { settings, updatedAt } = await getQueue(world.ports, queue);
		expect(settings).toEqual({ ...defaultQueueSettings, timeout: 7, max_retries: 0, concurrency: 2 });
		expect(updatedAt).toBe(START + 3);
	});

	it("keeps when the queue was created", async () => {
		await putQueue(world.ports, queue, defaultQueueSettings);
		world.clock.advanceBy(5_000);
		expect(await putQueue(world.ports, queue, { ...defaultQueueSettings, timeout: 7 })).toMatchObject({
			createdAt: START,
			updatedAt: START + 5_000,
			settings: { timeout: 7 },
		});
	});

	it("is refused for a queue that is not there", async () => {
		for (const name of ["emails", "-", "a/b"]) {
			const key = { ...queue, name };
			for (const change of [patchQueue(world.ports, key, {}), resumeQueue(world.ports, key)])
				await expect(change).rejects.toMatchObject({ code: "queue_not_found" });
		}
	});

	it("forgets what was reserved under the old ones and has the line looked after", async () => {
		await putQueue(world.ports, queue, defaultQueueSettings);
		const sheet = await world.ports.pumpSheets.read(queue);
		const seats = [{ owner: "", leaseUntil: 0, slotAt: START + DAY_MS }];
		await world.ports.pumpSheets.write(queue, { ...sheet, seats, visitAt: START + DAY_MS });
		sent = [];
		await patchQueue(world.ports, queue, { timeout: 7 });
		const { visitAt, seats: after } = await world.ports.pumpSheets.read(queue);
		expect([visitAt, ...after.map(({ slotAt }) => slotAt)]).toEqual([0, 0]);
		expect(sent).toEqual([{ kind: "pump", team_id: queue.teamId, queue: "emails", due_at: START }]);
	});

	it("answers a pause when it is in force everywhere, and other changes at once", async () => {
		await putQueue(world.ports, queue, defaultQueueSettings);
		happened = [];
		await patchQueue(world.ports, queue, { paused: true });
		expect(happened).toEqual(["replace", "in force", "reset", "pump"]);
		happened = [];
		await putQueue(world.ports, queue, defaultQueueSettings);
		expect(happened).toEqual(["replace", "reset", "pump"]);
	});

	it("says so when waiting tasks may not follow; the same request again heals it", async () => {
		sendsFail = true;
		const put = () => putQueue(world.ports, queue, { ...defaultQueueSettings, timeout: 7 });
		await expect(put()).rejects.toMatchObject({ code: "unavailable" });
		sendsFail = false;
		expect(await put()).toMatchObject({ settings: { timeout: 7 } });
		expect(sent).toHaveLength(1);
	});
});

describe("a paused queue", () => {
	it("keeps its tasks until it is resumed, then delivers them all", async () => {
		await putQueue(world.ports, queue, { ...defaultQueueSettings, paused: true });
		for (let n = 0; n < 3; n += 1) await create();
		await world.runFor(3_600);
		expect(world.webhooks.calls).toEqual([]);
		expect(await resumeQueue(world.ports, queue)).toMatchObject({ settings: { paused: false } });
		await world.runFor(1);
		expect(world.webhooks.calls).toHaveLength(3);
	});

	it("is not held by a webhook any more after it was resumed", async () => {
		await putQueue(world.ports, queue, defaultQueueSettings);
		await world.ports.queues.hold(queue, START + DAY_MS);
		await patchQueue(world.ports, queue, { timeout: 7 });
		expect(await getQueue(world.ports, queue)).toMatchObject({ heldUntil: START + DAY_MS });
		await resumeQueue(world.ports, queue);
		expect((await getQueue(world.ports, queue)).heldUntil).toBe(0);
	});
});

describe("the state of a queue", () => {
	it("counts its unfinished and its failed tasks", async () => {
		await storeTasks(world, 3);
		await storeTasks(world, 2, FAILED);
		await storeTasks(world, 1, { status: "active", leaseUntil: START + 150_000 });
		const { counts } = await getQueueState(world.ports, queue);
		expect(counts).toMatchObject({
			pending: { count: 3, exact: true },
			active: { count: 1, exact: true },
			failed: { count: 2, exact: true },
		});
	});
});

describe("deleting a queue", () => {
	it.each(["pending", "active"] as const)("is refused while a task is %s", async (status) => {
		await storeTasks(world, 1, { status, leaseUntil: status === "active" ? START + 1 : undefined });
		await expect(deleteQueue(world.ports, queue)).rejects.toMatchObject({ code: "queue_not_empty" });
		expect(await getQueue(world.ports, queue)).toMatchObject({ name: "emails" });
	});

	it("keeps its finished tasks, and a new task creates it anew", async () => {
		await putQueue(world.ports, queue, { ...defaultQueueSettings, timeout: 7 });
		const [id = ""] = await storeTasks(world, 1, FAILED);
		await deleteQueue(world.ports, queue);
		await expect(getQueue(world.ports, queue)).rejects.toMatchObject({ code: "queue_not_found" });
		await expect(deleteQueue(world.ports, queue)).rejects.toMatchObject({ code: "queue_not_found" });
		expect(await world.ports.tasks.get({ teamId: queue.teamId, taskId: id })).toBeDefined();
		await create({ delay: 60 });
		expect(await getQueue(world.ports, queue)).toMatchObject({ settings: { timeout: 30 } });
	});

	it("is refused when unfinished tasks cannot be looked for in time", async () => {
		await storeTasks(world, 0);
		const slow = overriding(world.ports.tasks, {
			walk: async () => {
				world.clock.advanceBy(1_000);
				return { tasks: [], nextCursor: "further" };
			},
		});
		const ports = { ...world.ports, tasks: slow };
		await expect(deleteQueue(ports, queue)).rejects.toMatchObject({
			code: "queue_not_empty",
			message: expect.stringContaining(
				"The queue has too many tasks to look for unfinished ones; force=true",
			),
		});
	});
});
