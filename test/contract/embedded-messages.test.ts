import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { SqliteDeliveryQueue } from "../../lambda/adapters/embedded/sqlite-delivery-queue.ts";
import type { Place } from "../../lambda/adapters/embedded/sqlite-message-queue.ts";
import { MAX_RECEIVES, VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { loseTransaction } from "../support/lost-transaction.ts";
import { receiveAll } from "../support/receive-all.ts";
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

/** A message due at noon plus this of one and the same queue. */
const mail = (offset: number, changes: Partial<DeliveryMessage> = {}): DeliveryMessage =>
	messageDueAt(NOON + offset, { team_id: "acme", ...changes });

/** Where something waits that is no message. */
const PLACE: Place = { teamId: "acme", queue: "emails", rank: NOON, priority: 5, visibleAt: NOON };

describe("the embedded delivery queue", () => {
	it("hands out a queue's messages by rank, then in order of sending", async () => {
		const inOrder = [
			mail(-600_000, { priority: 1 }),
			mail(-5, { priority: 10 }),
			mail(0, { priority: 9 }),
			mail(-10),
			mail(-5),
			mail(-5),
			mail(-4),
			mail(-99, { priority: 1 }),
		];
		for (const index of [7, 3, 0, 2, 1, 6, 4, 5]) await queue.send(inOrder.slice(index, index + 1));
		expect(receivedAt(NOON, 3)).toEqual(inOrder.slice(0, 3));
		expect(receivedAt(NOON)).toEqual(inOrder.slice(3));
		expect(receivedAt(NOON)).toEqual([]);
	});

	it("hands out messages of one queue at a time, and lets queues and teams take turns", async () => {
		const queues = [
			["acme", "a"],
			["acme", "b"],
			["other", "a"],
		] as const;
		for (const [team_id, name] of queues)
			await queue.send(Array.from({ length: 40 }, () => mail(0, { team_id, queue: name })));
		const turns: string[] = [];
		for (let turn = 0; turn < 8; turn += 1) {
			const batch = queue.receive(NOON, 10);
			expect(batch).toHaveLength(10);
			expect(new Set(batch.map(({ teamId, queue: name }) => `${teamId}/${name}`)).size).toBe(1);
			turns.push(`${batch[0]?.teamId}/${batch[0]?.queue}`);
		}
		expect(turns.filter((turn) => turn === "other/a")).toHaveLength(4);
		expect(turns.filter((turn) => turn === "acme/a")).toHaveLength(2);
		expect(turns.filter((turn) => turn === "acme/b")).toHaveLength(2);
	});

	it("gives a queue as much more often a turn as its messages have more priority", async () => {
		await queue.send(Array.from({ length: 300 }, () => mail(0, { queue: "high", priority: 8 })));
		await queue.send(Array.from({ length: 300 }, () => mail(0, { queue: "low", priority: 2 })));
		const first = Array.from({ length: 100 }, () => queue.receive(NOON, 1)[0]?.queue);
		expect(first.filter((name) => name === "high")).toHaveLength(80);
	});

	it("gives a queue no more than there is room for, and others what it may not have", async () => {
		await queue.send(Array.from({ length: 20 }, () => mail(0, { queue: "full" })));
		await queue.send([mail(0, { queue: "free", priority: 1 })]);
		const room = (_: string, name: string) => (name === "full" ? full : 10);
		let full = 3;
		expect(queue.receive(NOON, 10, room)).toHaveLength(3);
		full = 0;
		expect(queue.receive(NOON, 10, room)).toMatchObject([{ queue: "free" }]);
		expect(queue.receive(NOON, 10, room)).toEqual([]);
		full = 100;
		expect(queue.receive(NOON, 10, room)).toHaveLength(10);
		expect(queue.receive(NOON, 10, room)).toHaveLength(7);
	});

	it("hands out a great many messages that fall due together, without an end in between", async () => {
		const dueAt = NOON + 60_000;
		await queue.send(Array.from({ length: 1_234 }, (_, index) => mail(60_000, { queue: `q${index % 7}` })));
		expect(receiveAll(queue, dueAt - 1, 10)).toEqual([]);
		expect(receiveAll(queue, dueAt, 10)).toHaveLength(1_234);
		expect(queue.nextVisibleAt()).toBe(dueAt + VISIBILITY_MS);
	});

	it("finds what is ready again when it is opened again", async () => {
		const [first, second] = [mail(-1), mail(-1, { queue: "reports" })];
		await queue.send([first, second, mail(1)]);
		const again = new SqliteDeliveryQueue(database, clock);
		const bodies = receiveAll(again, NOON).map(({ body }) => JSON.parse(body));
		expect(bodies).toEqual([first, second]);
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
		database.durable(() => queue.enqueueBody("{broken", PLACE));
		for (let count = 1; count <= MAX_RECEIVES; count += 1) {
			const [message] = queue.receive(NOON + count * VISIBILITY_MS, 1);
			expect(message).toMatchObject({ body: "{broken", receiveCount: count });
		}
		expect(queue.deadMessages()).toEqual([]);
		const diedAt = NOON + (MAX_RECEIVES + 1) * VISIBILITY_MS;
		expect(queue.receive(diedAt, 1)).toEqual([]);
		expect(queue.deadMessages()).toEqual([
			{
				messageId: expect.any(String),
				body: "{broken",
				sentAt: NOON,
				receiveCount: MAX_RECEIVES,
				firstReceivedAt: NOON + VISIBILITY_MS,
				diedAt,
			},
		]);
		expect(queue.nextVisibleAt()).toBeUndefined();
	});

	it("deletes dead messages one by one, and no others", async () => {
		for (const body of ["one", "other"]) database.durable(() => queue.enqueueBody(body, PLACE));
		for (let count = 0; count <= MAX_RECEIVES; count += 1) queue.receive(NOON + count * VISIBILITY_MS, 2);
		const message = messageDueAt(NOON);
		await queue.send([message]);
		queue.deleteDead([queue.deadMessages()[0]?.messageId ?? ""]);
		expect(queue.deadMessages()).toMatchObject([{ body: "other" }]);
		expect(receivedAt(NOON)).toEqual([message]);
	});

	it("keeps dead messages that were shown before a transaction was lost: what came of them may be lost with it", async () => {
		database.durable(() => queue.enqueueBody("worn", PLACE));
		for (let count = 0; count <= MAX_RECEIVES; count += 1) queue.receive(NOON + count * VISIBILITY_MS, 1);
		await database.committed();
		const [shown] = queue.deadMessages();
		await loseTransaction(database);
		queue.deleteDead([shown?.messageId ?? ""]);
		expect(queue.deadMessages()).toHaveLength(1);
		queue.deleteDead([queue.deadMessages()[0]?.messageId ?? ""]);
		expect(queue.deadMessages()).toEqual([]);
	});

	it("hands out the next message when one is put aside", async () => {
		database.durable(() => queue.enqueueBody("worn", PLACE));
		for (let count = 0; count < MAX_RECEIVES; count += 1) queue.receive(NOON + count * VISIBILITY_MS, 1);
		const now = NOON + MAX_RECEIVES * VISIBILITY_MS;
		clock.advanceTo(now);
		const message = messageDueAt(now, { team_id: "acme" });
		await queue.send([message]);
		expect(receivedAt(now, 1)).toEqual([message]);
		expect(queue.deadMessages()).toHaveLength(1);
	});

	it("forgets what was sent and received in a transaction that was lost", async () => {
		await queue.send([mail(5)]);
		await database.committed();
		await queue.send([mail(0), mail(0, { queue: "reports" })]);
		expect(receiveAll(queue, NOON + 5)).toHaveLength(3);
		await loseTransaction(database);
		expect(queue.nextVisibleAt()).toBe(NOON + 5);
		expect(receiveAll(queue, NOON + 5)).toMatchObject([{ receiveCount: 1 }]);
	});

	it("does not delete a message whose result may be lost", async () => {
		const message = messageDueAt(NOON);
		await queue.send([message]);
		const received = queue.receive(NOON, 1).map(({ messageId }) => messageId);
		await database.committed();
		database.lazy(() =>
			database.prepare("INSERT INTO dead_delivery_messages VALUES (1, 'result', 1, 1, 1, 1)").run(),
		);
		await loseTransaction(database);
		queue.delete(received);
		expect(receivedAt(NOON + VISIBILITY_MS)).toEqual([message]);
	});
});
