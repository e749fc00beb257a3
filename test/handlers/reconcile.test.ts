import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reconcileHandler } from "../../lambda/handlers/reconcile.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { aJob } from "../support/jobs.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

const DAILY_EVENT = { source: "aws.events", "detail-type": "Scheduled Event", detail: {} };

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const withTime = (...remainingMs: number[]) => ({
	getRemainingTimeInMillis: () => remainingMs.shift() ?? 900_000,
});

/** Tasks that are found over `count` pages, none of them stalled. */
const withPages = (count: number): Ports => ({
	...world.ports,
	tasks: {
		findStalled: async (_before: number, cursor = "0") => ({
			messages: [],
			jobs: [],
			nextCursor: Number(cursor) + 1 < count ? String(Number(cursor) + 1) : undefined,
		}),
	} as unknown as Ports["tasks"],
});

describe("the daily reconciliation", () => {
	it("tells how far it came", async () => {
		await createTask(world.ports, { principal: world.principal, newTask: aNewTask() });
		world.clock.advanceTo(world.clock.now() + 3_600_000);
		const result = await reconcileHandler(world.ports)(DAILY_EVENT, withTime());
		expect(result).toEqual({ pages: expect.any(Number), stalled: 1, jobs: 0, failed: 0, next_cursor: null });
		expect(world.logs).toContainEqual({
			level: "info",
			event: "reconcile.finished",
			fields: { ...result, complete: true },
		});
	});

	it("stops before Lambda stops it, and says where to go on", async () => {
		const handler = reconcileHandler(withPages(5));
		const result = await handler(DAILY_EVENT, withTime(100_000, 60_000));
		expect(result).toEqual({ pages: 2, stalled: 0, jobs: 0, failed: 0, next_cursor: "2" });
		expect(world.logs).toContainEqual({
			level: "warn",
			event: "reconcile.finished",
			fields: { ...result, complete: false },
		});
		expect(await handler({ cursor: "2" }, withTime())).toMatchObject({ pages: 3, next_cursor: null });
	});

	it("counts jobs, and fails when they could not be sent", async () => {
		await world.ports.jobs.create(aJob({ updatedAt: world.clock.now() }));
		world.clock.advanceTo(world.clock.now() + 3_600_000);
		const down = overriding(world.ports.workQueue, {
			send: async () => {
				throw new Error("SQS is down");
			},
		});
		const handler = reconcileHandler({ ...world.ports, workQueue: down });
		await expect(handler(DAILY_EVENT, withTime())).rejects.toThrow("1 of 1 stalled tasks and jobs");
		const result = await reconcileHandler(world.ports)(DAILY_EVENT, withTime());
		expect(result).toMatchObject({ stalled: 0, jobs: 1, failed: 0 });
		expect(world.logs).toContainEqual({
			level: "info",
			event: "reconcile.finished",
			fields: { ...result, complete: true },
		});
	});

	it("fails when tasks could not be dispatched, so that Lambda tries again", async () => {
		await createTask(world.ports, { principal: world.principal, newTask: aNewTask() });
		world.clock.advanceTo(world.clock.now() + 3_600_000);
		const send = async () => {
			throw new Error("SQS is down");
		};
		const handler = reconcileHandler({ ...world.ports, deliveryQueue: { send } });
		await expect(handler(DAILY_EVENT, withTime())).rejects.toThrow("1 of 1 stalled tasks");
		expect(world.logs).toContainEqual(expect.objectContaining({ event: "reconcile.finished" }));
	});
});
