import { DeliveryMessage } from "../../core/delivery-message.ts";
import type { TaskScheduler } from "../../ports.ts";
import type { Database } from "./database.ts";
import type { SqliteDeliveryQueue } from "./sqlite-delivery-queue.ts";

/** Schedules moved at a time, so that a large number due at once does not hold up everything else. */
const MAX_MOVES = 1_000;

type ScheduleRow = Readonly<{ task_id: string; attempt: number; body: string }>;

const statements = (database: Database) => ({
	upsert: database.prepare(
		`INSERT INTO schedules (task_id, attempt, fire_at, body) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET fire_at = excluded.fire_at, body = excluded.body`,
	),
	delete: database.prepare("DELETE FROM schedules WHERE task_id = ? AND attempt = ?"),
	due: database.prepare(
		`SELECT task_id, attempt, body FROM schedules WHERE fire_at <= ? ORDER BY fire_at LIMIT ${MAX_MOVES}`,
	),
	nextFireAt: database.prepare("SELECT min(fire_at) AS instant FROM schedules"),
});

/** Schedules in SQLite. A task's attempt names its schedule: scheduling it again replaces the earlier one. */
export class SqliteTaskScheduler implements TaskScheduler {
	readonly #database: Database;
	readonly #deliveryQueue: SqliteDeliveryQueue;
	readonly #statements: ReturnType<typeof statements>;

	constructor(database: Database, deliveryQueue: SqliteDeliveryQueue) {
		this.#database = database;
		this.#deliveryQueue = deliveryQueue;
		this.#statements = statements(database);
	}

	async schedule(message: DeliveryMessage, fireAt: number): Promise<void> {
		const { task_id, attempt } = message;
		this.#database.durable(() =>
			this.#statements.upsert.run(task_id, attempt, fireAt, JSON.stringify(message)),
		);
	}

	async unschedule({ task_id, attempt }: DeliveryMessage): Promise<void> {
		this.#database.durable(() => this.#statements.delete.run(task_id, attempt));
	}

	/**
	 * Moves schedules whose time has come into the delivery queue, where each waits for the rest of its delay;
	 * returns how many. At most 1,000 at a time: `nextFireAt` tells whether more are due.
	 */
	moveDue(now: number): number {
		const due = this.#statements.due.all(now) as unknown as ScheduleRow[];
		if (due.length === 0) return 0;
		this.#database.lazy(() =>
			this.#database.allOrNothing(() => {
				for (const row of due) this.#move(row);
			}),
		);
		return due.length;
	}

	nextFireAt(): number | undefined {
		const instant = this.#statements.nextFireAt.get()?.["instant"];
		return typeof instant === "number" ? instant : undefined;
	}

	#move({ task_id, attempt, body }: ScheduleRow): void {
		this.#deliveryQueue.enqueue(DeliveryMessage.parse(JSON.parse(body)));
		this.#statements.delete.run(task_id, attempt);
	}
}
