import { MAX_RECEIVES, VISIBILITY_SECONDS } from "../../core/delivery-limits.ts";
import type { DeliveryMessage } from "../../core/delivery-message.ts";
import type { Clock, DeliveryQueue } from "../../ports.ts";
import type { Database } from "./database.ts";
import { MessageTimes } from "./message-times.ts";

/** A message handed out for a while. Instants are epoch ms. */
export type ReceivedMessage = Readonly<{
	messageId: string;
	body: string;
	receiveCount: number;
	sentAt: number;
	firstReceivedAt: number;
}>;

/** A message that was received too often and is kept for inspection. */
export type DeadMessage = Readonly<{ body: string; sentAt: number; receiveCount: number; diedAt: number }>;

type VisibleRow = Readonly<{
	id: number;
	body: string;
	sent_at: number;
	receive_count: number;
	first_received_at: number | null;
}>;

type DeadRow = Readonly<{ body: string; sent_at: number; receive_count: number; died_at: number }>;

const statements = (database: Database) => ({
	insert: database.prepare(
		"INSERT INTO messages (id, priority, visible_at, body, sent_at) VALUES (?, ?, ?, ?, ?)",
	),
	// `+ 0`: see task-listing.ts.
	visible: database.prepare(
		`SELECT id, body, sent_at, receive_count, first_received_at FROM messages
		WHERE priority = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ? + 0`,
	),
	lease: database.prepare(
		`UPDATE messages SET visible_at = ?, receive_count = receive_count + 1,
		first_received_at = coalesce(first_received_at, ?) WHERE id = ?`,
	),
	delete: database.prepare("DELETE FROM messages WHERE id = ?"),
	bury: database.prepare(
		`INSERT INTO dead_messages (id, body, sent_at, receive_count, first_received_at, died_at)
		SELECT id, body, sent_at, receive_count, first_received_at, ? FROM messages WHERE id = ?`,
	),
	dead: database.prepare("SELECT body, sent_at, receive_count, died_at FROM dead_messages ORDER BY id"),
	release: database.prepare("UPDATE messages SET visible_at = ? WHERE receive_count > 0 AND visible_at > ?"),
	lastId: database.prepare(
		"SELECT max(coalesce((SELECT max(id) FROM messages), 0), coalesce((SELECT max(id) FROM dead_messages), 0)) AS id",
	),
});

/** Delivery messages in SQLite, with the rules of SQS and the precision of a millisecond. */
export class SqliteDeliveryQueue implements DeliveryQueue {
	readonly #database: Database;
	readonly #clock: Clock;
	readonly #statements: ReturnType<typeof statements>;
	readonly #times: MessageTimes;
	#lastId: number;

	constructor(database: Database, clock: Clock) {
		this.#database = database;
		this.#clock = clock;
		this.#statements = statements(database);
		this.#times = new MessageTimes(database);
		this.#lastId = Number(this.#statements.lastId.get()?.["id"]);
	}

	async send(messages: readonly DeliveryMessage[]): Promise<void> {
		this.#database.durable(() => {
			for (const message of messages) this.enqueue(message);
		});
	}

	/** Writes a message as part of a write of `Database` that is under way. */
	enqueue(message: DeliveryMessage): void {
		this.enqueueBody(JSON.stringify(message), message.priority, message.due_at);
	}

	/** The same for a body that need not be a message. */
	enqueueBody(body: string, priority: number, visibleAt: number): void {
		// Ids are never used again, as SQLite would: a late delete could hit the wrong message.
		this.#lastId += 1;
		this.#statements.insert.run(this.#lastId, priority, visibleAt, body, this.#clock.now());
		this.#times.added(priority, visibleAt);
	}

	/**
	 * Hands out up to `limit` visible messages: higher priority first, then those visible for longest, then in order
	 * of sending. They stay hidden for VISIBILITY_SECONDS; those received MAX_RECEIVES times are put aside instead.
	 */
	receive(now: number, limit: number): ReceivedMessage[] {
		const received: ReceivedMessage[] = [];
		while (received.length < limit) {
			const priority = this.#times.highestVisible(now);
			if (priority === undefined) break;
			received.push(...this.#receiveOf(priority, now, limit - received.length));
		}
		return received;
	}

	/**
	 * Deletes messages that have been dealt with. Those received before the last rollback are left alone, because
	 * what their handler wrote may be gone with it: they become visible again.
	 */
	delete(messageIds: readonly string[]): void {
		if (messageIds.length === 0) return;
		this.#database.lazy(() => {
			for (const messageId of messageIds) {
				const [id = "", rollbacks] = messageId.split("-");
				if (rollbacks === String(this.#database.rollbacks)) this.#statements.delete.run(Number(id));
			}
		});
		this.#times.changed();
	}

	/** When the next message becomes visible, or did. */
	nextVisibleAt(): number | undefined {
		const instant = this.#times.earliest();
		return Number.isFinite(instant) ? instant : undefined;
	}

	/** Messages that were received too often, oldest first. */
	deadMessages(): DeadMessage[] {
		return (this.#statements.dead.all() as unknown as DeadRow[]).map((row) => ({
			body: row.body,
			sentAt: row.sent_at,
			receiveCount: row.receive_count,
			diedAt: row.died_at,
		}));
	}

	/** Makes every hidden message visible at `now`: at start, when whoever received them is dead. */
	releaseLeases(now: number): void {
		this.#database.lazy(() => this.#statements.release.run(now, now));
		this.#times.changed();
	}

	#receiveOf(priority: number, now: number, limit: number): ReceivedMessage[] {
		const rows = this.#statements.visible.all(priority, now, limit) as unknown as VisibleRow[];
		this.#times.changed();
		return this.#database.lazy(() => {
			const received: ReceivedMessage[] = [];
			for (const row of rows) {
				if (row.receive_count >= MAX_RECEIVES) this.#bury(row.id, now);
				else received.push(this.#lease(row, now));
			}
			return received;
		});
	}

	#lease(row: VisibleRow, now: number): ReceivedMessage {
		const visibleAt = now + VISIBILITY_SECONDS * 1_000;
		this.#statements.lease.run(visibleAt, now, row.id);
		return {
			messageId: `${row.id}-${this.#database.rollbacks}`,
			body: row.body,
			receiveCount: row.receive_count + 1,
			sentAt: row.sent_at,
			firstReceivedAt: row.first_received_at ?? now,
		};
	}

	#bury(id: number, now: number): void {
		this.#database.allOrNothing(() => {
			this.#statements.bury.run(now, id);
			this.#statements.delete.run(id);
		});
	}
}
