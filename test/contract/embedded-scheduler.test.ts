import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { SqliteDeliveryQueue } from "../../lambda/adapters/embedded/sqlite-delivery-queue.ts";
import { SqliteTaskScheduler } from "../../lambda/adapters/embedded/sqlite-task-scheduler.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { receiveAll } from "../support/receive-all.ts";
import { NOON } from "../support/unique-tasks.ts";

let database: Database;
let queue: SqliteDeliveryQueue;

beforeEach(() => {
	database = Database.open(":memory:");
	queue = new SqliteDeliveryQueue(database, new VirtualClock(NOON));
});
afterEach(() => database.close());

const receivedAt = (now: number): unknown[] =>
	receiveAll(queue, now).map(({ body }) => JSON.parse(body) as unknown);

describe("the embedded scheduler", () => {
	let scheduler: SqliteTaskScheduler;

	beforeEach(() => {
		scheduler = new SqliteTaskScheduler(database, queue);
	});

	it("moves a message when its time has come; it then waits for the rest of its delay", async () => {
		const message = messageDueAt(NOON + 90_000);
		await scheduler.schedule(message, NOON);
		expect(scheduler.nextFireAt()).toBe(NOON);
		expect(scheduler.moveDue(NOON - 1)).toBe(0);
		expect(scheduler.moveDue(NOON)).toBe(1);
		expect(scheduler.nextFireAt()).toBeUndefined();
		expect(queue.nextVisibleAt()).toBe(NOON + 90_000);
		expect(receivedAt(NOON + 90_000)).toEqual([message]);
	});

	it("moves the latest version of what was scheduled again", async () => {
		const message = messageDueAt(NOON + 1);
		await scheduler.schedule(message, NOON + 1);
		await scheduler.schedule({ ...message, due_at: NOON + 2 }, NOON + 2);
		expect(scheduler.moveDue(NOON + 1)).toBe(0);
		expect(scheduler.moveDue(NOON + 2)).toBe(1);
		expect(receivedAt(NOON + 2)).toEqual([{ ...message, due_at: NOON + 2 }]);
	});

	it("moves a great many in several steps, those that are due first in the first", async () => {
		for (let index = 0; index < 1_500; index += 1) {
			const dueAt = NOON + 1_500 - index;
			await scheduler.schedule(messageDueAt(dueAt), dueAt);
		}
		expect(scheduler.moveDue(NOON + 1_500)).toBe(1_000);
		expect(scheduler.nextFireAt()).toBe(NOON + 1_001);
		expect(scheduler.moveDue(NOON + 1_500)).toBe(500);
		expect(scheduler.moveDue(NOON + 1_500)).toBe(0);
		expect(receiveAll(queue, NOON + 1_500)).toHaveLength(1_500);
	});
});
