import { VISIBILITY_SECONDS } from "../../core/delivery-limits.ts";
import type { DeliveryMessage } from "../../core/delivery-message.ts";
import { waitingRank } from "../../core/waiting-rank.ts";
import type { Clock, DeliveryQueue } from "../../ports.ts";
import type { Database } from "./database.ts";
import type { HeldLeases } from "./held-leases.ts";
import { SqliteMessageQueue } from "./sqlite-message-queue.ts";

/** Delivery messages in SQLite. */
export class SqliteDeliveryQueue extends SqliteMessageQueue implements DeliveryQueue {
	readonly #database: Database;

	constructor(database: Database, clock: Clock, held?: HeldLeases) {
		super({ database, clock, table: "delivery", visibilitySeconds: VISIBILITY_SECONDS, held });
		this.#database = database;
	}

	async send(messages: readonly DeliveryMessage[]): Promise<void> {
		if (messages.length === 0) return;
		this.#database.durable(() => {
			for (const message of messages) this.enqueue(message);
		});
	}

	/** Writes a message as part of a write of `Database` that is under way. */
	enqueue(message: DeliveryMessage): void {
		this.enqueueBody(JSON.stringify(message), {
			teamId: message.team_id,
			queue: message.queue,
			rank: waitingRank(message),
			priority: message.priority,
			visibleAt: message.due_at,
		});
	}
}
