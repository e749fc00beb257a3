import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEASE_SECONDS, VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { Ports } from "../../lambda/ports.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { reconcileTasks } from "../../lambda/usecases/reconcile-tasks.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const GRACE_SECONDS = 600;

let world: TestWorld;
/** While true, everything sent to the delivery queue is lost, as in a queue that somebody purges. */
let isPurged: boolean;

const losingMessages = (real: Ports): Partial<Ports> => ({
	deliveryQueue: {
		send: async (messages) => {
			if (!isPurged) await real.deliveryQueue.send(messages);
		},
	},
});

beforeEach(async () => {
	isPurged = true;
	world = await createTestWorld(losingMessages);
});
afterEach(() => world.close());

const create = async (overrides: Parameters<typeof aNewTask>[0] = {}): Promise<string> => {
	const { principal } = world;
	return (await createTask(world.ports, { principal, newTask: aNewTask(overrides) })).task.id;
};
const statusOf = async (taskId: string): Promise<string> =>
	(await getTask(world.ports, { teamId: world.principal.teamId, taskId })).status;

describe("reconciling", () => {
	it("delivers a task whose message vanished", async () => {
		const id = await create();
		isPurged = false;
		await world.runFor(GRACE_SECONDS + 1);
		expect(await statusOf(id)).toBe("pending");
		expect(await reconcileTasks(world.ports)).toMatchObject({ stalled: 1, failed: 0 });
		await world.runFor(0);
		expect(await statusOf(id)).toBe("completed");
	});

	it("finishes an attempt whose worker died and whose message vanished", async () => {
		const id = await create();
		isPurged = false;
		const now = START;
		const leaseUntil = now + LEASE_SECONDS * 1_000;
		const { teamId } = world.principal;
		await world.ports.tasks.claim({ teamId, taskId: id, attempt: 1, now, leaseUntil });
		await world.runFor(LEASE_SECONDS + GRACE_SECONDS + 1);
		expect(await statusOf(id)).toBe("active");
		await reconcileTasks(world.ports);
		await world.runFor(0);
		expect(await statusOf(id)).toBe("completed");
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("leaves alone what is not due, not long overdue, or over", async () => {
		isPurged = false;
		await create({ delay: GRACE_SECONDS * 3 });
		await create();
		await world.runFor(GRACE_SECONDS * 2);
		isPurged = true;
		const cancelled = await create();
		await cancelTask(world.ports, { teamId: world.principal.teamId, taskId: cancelled });
		await create();
		await world.runFor(GRACE_SECONDS - 1);
		expect(await reconcileTasks(world.ports)).toMatchObject({ stalled: 0 });
	});

	it("waits longer than a message takes to come back by itself", () => {
		expect(GRACE_SECONDS).toBeGreaterThan(LEASE_SECONDS + VISIBILITY_SECONDS);
	});

	it("does no harm where the message was only late", async () => {
		isPurged = false;
		const id = await create();
		world.clock.advanceTo(START + (GRACE_SECONDS + 1) * 1_000);
		expect(await reconcileTasks(world.ports)).toMatchObject({ stalled: 1 });
		await world.runFor(VISIBILITY_SECONDS * 2);
		expect(await statusOf(id)).toBe("completed");
		expect(world.webhooks.calls).toHaveLength(1);
	});
});

describe("a walk over many pages", () => {
	const pagesOf = (count: number) => {
		const asked: (string | undefined)[] = [];
		const tasks: Pick<Ports["tasks"], "findStalled"> = {
			findStalled: async (_before, cursor) => {
				asked.push(cursor);
				const page = Number(cursor ?? 0) + 1;
				return { messages: [], jobs: [], nextCursor: page < count ? String(page) : undefined };
			},
		};
		return { asked, ports: { ...world.ports, tasks: tasks as Ports["tasks"] } };
	};

	it("goes to the end, past pages without a find", async () => {
		const { asked, ports } = pagesOf(3);
		expect(await reconcileTasks(ports)).toEqual({ pages: 3, stalled: 0, jobs: 0, failed: 0 });
		expect(asked).toEqual([undefined, "1", "2"]);
	});

	it("stops when its time is up, and goes on where it stopped", async () => {
		const { asked, ports } = pagesOf(4);
		const stopped = await reconcileTasks(ports, { mayContinue: () => asked.length < 2 });
		expect(stopped).toEqual({ pages: 2, stalled: 0, jobs: 0, failed: 0, nextCursor: "2" });
		const finished = await reconcileTasks(ports, { cursor: stopped.nextCursor });
		expect(finished).toEqual({ pages: 2, stalled: 0, jobs: 0, failed: 0 });
		expect(asked).toEqual([undefined, "1", "2", "3"]);
	});

	it("goes on when some tasks cannot be dispatched, and counts them", async () => {
		const ids = await Promise.all(Array.from({ length: 150 }, () => create()));
		await world.runFor(GRACE_SECONDS + 1);
		const sent: number[] = [];
		const deliveryQueue: Ports["deliveryQueue"] = {
			send: async (messages) => {
				sent.push(messages.length);
				if (sent.length === 1) throw new Error("SQS is down");
			},
		};
		expect(await reconcileTasks({ ...world.ports, deliveryQueue })).toMatchObject({
			stalled: ids.length,
			failed: 100,
		});
		expect(sent).toEqual([100, 50]);
		expect(world.logs).toContainEqual(
			expect.objectContaining({
				level: "error",
				event: "reconcile.dispatch_failed",
				fields: { tasks: 100, error: new Error("SQS is down") },
			}),
		);
	});
});
