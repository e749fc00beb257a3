import type { DeliveryMessage } from "../../core/delivery-message.ts";
import type { QueueKey } from "../../core/queue.ts";
import { lineShard, waitingRank } from "../../core/waiting-rank.ts";
import type { WaitingLine } from "../../ports.ts";
import type { Database } from "./database.ts";

type LineRow = readonly [taskId: string, attempt: number, priority: number, dueAt: number];

const statements = (database: Database) => ({
	insert: database.prepare(
		`INSERT INTO waiting_line (team_id, queue, rank, task_id, attempt, shard, priority, due_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
	),
	// `+ 0`: see task-listing.ts.
	first: database.prepare(
		`SELECT task_id, attempt, priority, due_at FROM waiting_line
		WHERE team_id = ? AND queue = ? AND (1 << shard) & ? ORDER BY rank, task_id, attempt LIMIT ? + 0`,
	),
	delete: database.prepare(
		`DELETE FROM waiting_line
		WHERE team_id = ? AND queue = ? AND rank = ? AND task_id = ? AND attempt = ?`,
	),
});

/** A message's key in the table. */
const placeOf = (message: DeliveryMessage) =>
	[message.team_id, message.queue, waitingRank(message), message.task_id, message.attempt] as const;

/** Waiting lines in SQLite. */
export class SqliteWaitingLine implements WaitingLine {
	readonly pageSize = 1;
	readonly #database: Database;
	readonly #statements: ReturnType<typeof statements>;
	/** The rollbacks there had been when a message was shown. */
	readonly #shown = new WeakMap<DeliveryMessage, number>();

	constructor(database: Database) {
		this.#database = database;
		this.#statements = statements(database);
		this.#statements.first.setReturnArrays(true);
	}

	async add(messages: readonly DeliveryMessage[]): Promise<void> {
		this.#writeAll(messages, (message) =>
			this.#statements.insert.run(
				...placeOf(message),
				lineShard(message.task_id),
				message.priority,
				message.due_at,
			),
		);
	}

	async first(
		queue: QueueKey,
		shards: readonly number[],
		limit: number,
	): Promise<readonly DeliveryMessage[]> {
		const { teamId, name } = queue;
		const mask = shards.reduce((bits, shard) => bits | (1 << shard), 0);
		const rows = this.#statements.first.all(teamId, name, mask, limit) as unknown as LineRow[];
		return rows.map(([task_id, attempt, priority, due_at]) => {
			const message = { team_id: teamId, task_id, queue: name, priority, attempt, due_at };
			this.#shown.set(message, this.#database.rollbacks);
			return message;
		});
	}

	/**
	 * Messages that were shown before the last rollback are left alone, because what was done with them may be gone with
	 * it: whoever looks next meets them again.
	 */
	async remove(messages: readonly DeliveryMessage[]): Promise<void> {
		const { rollbacks } = this.#database;
		const kept = messages.filter((message) => (this.#shown.get(message) ?? rollbacks) === rollbacks);
		this.#writeAll(kept, (message) => this.#statements.delete.run(...placeOf(message)));
	}

	/** Lazy, as the line only moves messages on: the log keeps this write before the one that lets go of a message. */
	#writeAll(messages: readonly DeliveryMessage[], write: (message: DeliveryMessage) => void): void {
		if (messages.length === 0) return;
		this.#database.lazy(() => {
			for (const message of messages) write(message);
		});
	}
}
