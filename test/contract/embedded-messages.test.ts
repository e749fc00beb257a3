import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { SqliteDeliveryQueue } from "../../lambda/adapters/embedded/sqlite-delivery-queue.ts";
import { SqliteTaskScheduler } from "../../lambda/adapters/embedded/sqlite-task-scheduler.ts";
import { MAX_RECEIVES, VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { NOON } from "../support/unique-tasks.ts";

const VISIBILITY_MS = VISIBILITY_SECONDS * 1_000;

let clock: VirtualClock;
let database: Database;
let queue: SqliteDeliveryQueue;

beforeEach(() => {
	clock = new VirtualClock(NOON);
	database = Database.open(":memory:");
	queue = new SqliteDeliveryQueue(database, clock);
});
afterEach(() => database.close());

const receivedAt = (now: number, limit = 100): unknown[] =>
	queue.receive(now, limit).map(({ body }) => JSON.parse(body) as unknown);

/** Rolls back the transaction that is open. */
const loseTransaction = async (): Promise<void> => {
	const giveUp = () => {
		database.prepare("ROLLBACK").run();
		throw new Error("disk full");
	};
	expect(() => database.lazy(giveUp)).toThrow("disk full");
	await nextTurn();
};

describe("the embedded delivery queue", () => {
	it("hands out higher priorities first, then what is due first, then what was sent first", async () => {
		const inOrder = [
			messageDueAt(NOON - 5, { priority: 10 }),
			messageDueAt(NOON, { priority: 9 }),
			messageDueAt(NOON - 10, { priority: 5 }),
			messageDueAt(NOON - 5, { priority: 5 }),
			messageDueAt(NOON - 5, { priority: 5 }),
			messageDueAt(NOON - 4, { priority: 5 }),
			messageDueAt(NOON - 99, { priority: 1 }),
		];
		for (const index of [6, 3, 2, 1, 5, 0, 4]) await queue.send(inOrder.slice(index, index + 1));
		expect(receivedAt(NOON, 3)).toEqual(inOrder.slice(0, 3));
		expect(receivedAt(NOON)).toEqual(inOrder.slice(3));
	});

	it("hands out a message at the very millisecond at which it is due", async () => {
		const message = messageDueAt(NOON + 7);
		await queue.send([message]);
		expect(receivedAt(NOON + 6)).toEqual([]);
		expect(receivedAt(NOON + 7)).toEqual([message]);
	});

	it("tells when messages were sent and first received", async () => {
		await queue.send([messageDueAt(NOON)]);
		const [first] = queue.receive(NOON + 1, 1);
		expect(first).toMatchObject({ sentAt: NOON, firstReceivedAt: NOON + 1, receiveCount: 1 });
		const [second] = queue.receive(NOON + 1 + VISIBILITY_MS, 1);
		expect(second).toMatchObject({ sentAt: NOON, firstReceivedAt: NOON + 1, receiveCount: 2 });
	});

	it("tells when to look again", async () => {
		expect(queue.nextVisibleAt()).toBeUndefined();
		await queue.send([messageDueAt(NOON + 9, { priority: 10 }), messageDueAt(NOON + 5, { priority: 1 })]);
		expect(queue.nextVisibleAt()).toBe(NOON + 5);
		await queue.send([messageDueAt(NOON + 4, { priority: 10 })]);
		expect(queue.nextVisibleAt()).toBe(NOON + 4);
		const first = queue.receive(NOON + 4, 10);
		expect(queue.nextVisibleAt()).toBe(NOON + 5);
		queue.delete(first.map(({ messageId }) => messageId));
		const rest = queue.receive(NOON + 9, 10);
		expect(queue.nextVisibleAt()).toBe(NOON + 9 + VISIBILITY_MS);
		queue.delete(rest.map(({ messageId }) => messageId));
		expect(queue.nextVisibleAt()).toBeUndefined();
	});

	it("never gives a new message the id of a deleted one", async () => {
		await queue.send([messageDueAt(NOON)]);
		const [first] = queue.receive(NOON, 1);
		const ids = [first?.messageId ?? ""];
		queue.delete(ids);
		const message = messageDueAt(NOON);
		await queue.send([message]);
		queue.delete(ids);
		expect(receivedAt(NOON)).toEqual([message]);
	});

	it("puts a message aside that was received too often, even one that nobody can read", async () => {
		database.durable(() => queue.enqueueBody("{broken", 5, NOON));
		for (let count = 1; count <= MAX_RECEIVES; count += 1) {
			const [message] = queue.receive(NOON + count * VISIBILITY_MS, 1);
			expect(message).toMatchObject({ body: "{broken", receiveCount: count });
		}
		expect(queue.deadMessages()).toEqual([]);
		const diedAt = NOON + (MAX_RECEIVES + 1) * VISIBILITY_MS;
		expect(queue.receive(diedAt, 1)).toEqual([]);
		expect(queue.deadMessages()).toEqual([
			{ body: "{broken", sentAt: NOON, receiveCount: MAX_RECEIVES, diedAt },
		]);
		expect(queue.nextVisibleAt()).toBeUndefined();
	});

	it("hands out the next message when one is put aside", async () => {
		database.durable(() => queue.enqueueBody("worn", 5, NOON));
		for (let count = 0; count < MAX_RECEIVES; count += 1) queue.receive(NOON + count * VISIBILITY_MS, 1);
		const now = NOON + MAX_RECEIVES * VISIBILITY_MS;
		const message = messageDueAt(now);
		await queue.send([message]);
		expect(receivedAt(now, 1)).toEqual([message]);
		expect(queue.deadMessages()).toHaveLength(1);
	});

	it("forgets what was sent and received in a transaction that was lost", async () => {
		await queue.send([messageDueAt(NOON + 5)]);
		await database.committed();
		await queue.send([messageDueAt(NOON)]);
		expect(queue.receive(NOON + 5, 10)).toHaveLength(2);
		await loseTransaction();
		expect(queue.nextVisibleAt()).toBe(NOON + 5);
		expect(queue.receive(NOON + 5, 10)).toMatchObject([{ receiveCount: 1 }]);
	});

	it("does not delete a message whose result may be lost", async () => {
		const message = messageDueAt(NOON);
		await queue.send([message]);
		const received = queue.receive(NOON, 1).map(({ messageId }) => messageId);
		await database.committed();
		database.lazy(() => database.prepare("INSERT INTO dead_messages VALUES (1, 'result', 1, 1, 1, 1)").run());
		await loseTransaction();
		queue.delete(received);
		expect(receivedAt(NOON + VISIBILITY_MS)).toEqual([message]);
	});
});

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
		expect(queue.receive(NOON + 1_500, 2_000)).toHaveLength(1_500);
	});
});
