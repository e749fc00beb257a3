import * as z from "zod";
import { type Queue, QueueSettings } from "../../core/queue.ts";
import type { QueueStore } from "../../ports.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import type { Item } from "./item-values.ts";
import { type ItemKey, queuePartition } from "./table-keys.ts";

/**
 * Parsing gives settings that are newer than the item their default. Settings that are newer than this program, as
 * after a rollback, are ignored.
 */
const StoredQueue = z.object({
	sk: z.string(),
	settings: QueueSettings.strip(),
	created_at: z.int(),
	updated_at: z.int(),
});

const queueItemKey = (teamId: string, name: string): ItemKey => ({ pk: queuePartition(teamId), sk: name });

const toItem = (queue: Queue): Item & ItemKey => ({
	...queueItemKey(queue.teamId, queue.name),
	settings: queue.settings,
	created_at: queue.createdAt,
	updated_at: queue.updatedAt,
});

const fromItem = (teamId: string, item: Item): Queue => {
	const { sk, settings, created_at, updated_at } = StoredQueue.parse(item);
	return { teamId, name: sk, settings, createdAt: created_at, updatedAt: updated_at };
};

/** Queues in DynamoDB. */
export class DynamoQueueStore implements QueueStore {
	readonly #items: DynamoItems;

	constructor(table: TableAccess) {
		this.#items = new DynamoItems(table);
	}

	async get(teamId: string, name: string): Promise<Queue | undefined> {
		const item = await this.#items.get(queueItemKey(teamId, name));
		return item && fromItem(teamId, item);
	}

	async create(queue: Queue): Promise<Queue> {
		const { item } = await this.#items.putUnlessTaken(toItem(queue));
		return item ? fromItem(queue.teamId, item) : queue;
	}

	async put(queue: Queue): Promise<Queue> {
		const { teamId, name, settings, createdAt, updatedAt } = queue;
		const { item } = await this.#items.update(queueItemKey(teamId, name), {
			set: { settings, updated_at: updatedAt },
			compute: "#created_at = if_not_exists(#created_at, :created_at)",
			values: { created_at: createdAt },
		});
		return item ? fromItem(teamId, item) : queue;
	}
}
