import { WORK_VISIBILITY_SECONDS } from "../../core/delivery-limits.ts";
import type { WorkMessage } from "../../core/work-message.ts";
import type { Clock, WorkQueue } from "../../ports.ts";
import type { Database } from "./database.ts";
import type { HeldLeases } from "./held-leases.ts";
import { SqliteMessageQueue } from "./sqlite-message-queue.ts";

/** All work is worth the same. */
const PRIORITY = 1;

/** Work messages in SQLite. Durable, because the answer to whoever asked for a job promises that it will go on. */
export class SqliteWorkQueue extends SqliteMessageQueue implements WorkQueue {
	readonly precisionMs = 1;
	readonly #database: Database;

	constructor(database: Database, clock: Clock, held?: HeldLeases) {
		super({ database, clock, table: "work", visibilitySeconds: WORK_VISIBILITY_SECONDS, held });
		this.#database = database;
	}

	async send(messages: readonly WorkMessage[]): Promise<void> {
		if (messages.length === 0) return;
		this.#database.durable(() => {
			for (const message of messages) this.#enqueue(message);
		});
	}

	#enqueue(message: WorkMessage): void {
		const { team_id: teamId, queue, due_at: dueAt } = message;
		const place = { teamId, queue, rank: dueAt, priority: PRIORITY, visibleAt: dueAt };
		this.enqueueBody(JSON.stringify(message), place);
	}
}
