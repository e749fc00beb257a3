import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { HeldLeases } from "../../lambda/adapters/embedded/held-leases.ts";
import { SqliteDeliveryQueue } from "../../lambda/adapters/embedded/sqlite-delivery-queue.ts";
import { VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { loseTransaction } from "../support/lost-transaction.ts";
import { NOON } from "../support/unique-tasks.ts";

const VISIBILITY_MS = VISIBILITY_SECONDS * 1_000;

let clock: VirtualClock;
let steady: VirtualClock;
let database: Database;
let queue: SqliteDeliveryQueue;
let messageId: string;

const mail = (offset: number): DeliveryMessage => messageDueAt(NOON + offset, { team_id: "acme" });

describe("a received message of the embedded delivery queue", () => {
	beforeEach(async () => {
		clock = new VirtualClock(NOON);
		database = Database.open(":memory:");
		steady = new VirtualClock(0);
		queue = new SqliteDeliveryQueue(database, clock, new HeldLeases(steady));
		await queue.send([mail(0)]);
		messageId = queue.receive(NOON, 1)[0]?.messageId ?? "";
	});
	afterEach(() => database.close());

	it("stays hidden when only the wall clock has passed its time", async () => {
		await database.committed();
		steady.advanceBy(10_000);
		const later = NOON + 3_600_000;
		expect(queue.receive(later, 1)).toEqual([]);
		expect(queue.nextVisibleAt()).toBe(later + VISIBILITY_MS - 10_000);
		steady.advanceBy(VISIBILITY_MS - 10_000);
		expect(queue.receive(later + VISIBILITY_MS - 10_000, 1)).toMatchObject([{ receiveCount: 2 }]);
	});

	it("stays hidden when the transaction that deleted it was lost", async () => {
		await database.committed();
		queue.delete([messageId]);
		await loseTransaction(database);
		expect(queue.receive(NOON + VISIBILITY_MS, 1)).toEqual([]);
	});

	it("can be received again at once when the transaction was lost in which it was received", async () => {
		await database.committed();
		queue.delete([messageId]);
		await queue.send([mail(1)]);
		await database.committed();
		expect(queue.receive(NOON + 1, 1)).toHaveLength(1);
		await loseTransaction(database);
		expect(queue.receive(NOON + 1, 1)).toMatchObject([{ receiveCount: 1 }]);
	});
});
