import * as z from "zod";
import { DeliveryMessage } from "../../core/delivery-message.ts";
import type { QueueKey } from "../../core/queue.ts";
import type { WaitingLine } from "../../ports.ts";
import { writeInBatches } from "./dynamo-batches.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import type { Item } from "./item-values.ts";
import { type ItemKey, lineItemKey, linePartition } from "./table-keys.ts";

/** Team and queue are in the partition key, task and attempt in the sort key. */
const StoredMessage = DeliveryMessage.pick({ priority: true, due_at: true }).extend({
	sk: z.string().regex(/^\d+#.+#\d+$/),
});

const toItem = (message: DeliveryMessage): Item & ItemKey => ({
	...lineItemKey(message),
	priority: message.priority,
	due_at: message.due_at,
});

const fromItem = ({ teamId, name }: QueueKey, item: Item): DeliveryMessage => {
	const { sk, priority, due_at } = StoredMessage.parse(item);
	const [, task_id = "", attempt] = sk.split("#");
	return { team_id: teamId, task_id, queue: name, priority, attempt: Number(attempt), due_at };
};

const bySortKey = (a: Item, b: Item): number => (String(a["sk"]) < String(b["sk"]) ? -1 : 1);

/**
 * The waiting lines in DynamoDB: an item of some 150 bytes per message, in the order in which they go. A message costs
 * one write to come and one to go, and nothing while it waits.
 */
export class DynamoWaitingLine implements WaitingLine {
	/** Some 25 fit into the 4 KB that are billed for one, so that reading is a twentieth of what the writes cost. */
	readonly pageSize = 100;
	readonly #table: TableAccess;
	readonly #items: DynamoItems;

	constructor(table: TableAccess) {
		this.#table = table;
		this.#items = new DynamoItems(table);
	}

	async add(messages: readonly DeliveryMessage[]): Promise<void> {
		const [first] = messages;
		if (first && messages.length === 1) return this.#items.put(toItem(first));
		await writeInBatches(
			this.#table,
			messages.map((message) => ({ put: toItem(message) })),
		);
	}

	/** Consistent: what was added before is seen, what was removed is not. A query's MB holds thousands of messages. */
	async first(
		queue: QueueKey,
		shards: readonly number[],
		limit: number,
	): Promise<readonly DeliveryMessage[]> {
		const pages = await Promise.all(
			shards.map((shard) =>
				this.#items.query({ partition: linePartition(queue, shard), limit, isConsistent: true }),
			),
		);
		const items = pages.flatMap((page) => page.items).sort(bySortKey);
		return items.slice(0, limit).map((item) => fromItem(queue, item));
	}

	async remove(messages: readonly DeliveryMessage[]): Promise<void> {
		const [first] = messages;
		if (first && messages.length === 1) {
			await this.#items.delete(lineItemKey(first));
			return;
		}
		await writeInBatches(
			this.#table,
			messages.map((message) => ({ delete: lineItemKey(message) })),
		);
	}
}
