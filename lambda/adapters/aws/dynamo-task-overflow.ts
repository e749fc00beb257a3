import { hasOverflow, type JoinedItem, joinOverflow } from "./attempt-pages.ts";
import { writeInBatches } from "./dynamo-batches.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import type { Item } from "./item-values.ts";
import { expiresTooSoon, overflowExpiresAt } from "./retention.ts";
import { type ItemKey, overflowPartition, taskKeyAt } from "./table-keys.ts";
import { PAYLOAD_SORT_KEY } from "./task-item.ts";

/** The parts of tasks that do not fit into their items: long payloads and older attempts. */
export class DynamoTaskOverflow {
	readonly #table: TableAccess;
	readonly #items: DynamoItems;

	constructor(table: TableAccess) {
		this.#table = table;
		this.#items = new DynamoItems(table);
	}

	/** The item with all its parts that are there. Most have no others, and nothing is read. */
	async complete(item: Item): Promise<Item> {
		return hasOverflow(item) ? (await this.#read(item)).joined.item : item;
	}

	/** As `complete`, for a task claimed at `now` (epoch ms): its payload must be there, and all of it is to outlast it. */
	async completeClaimed(item: Item, now: number): Promise<Item> {
		if (!hasOverflow(item)) return item;
		const { joined, overflow } = await this.#read(item);
		if (!joined.hasPayload) throw new Error(`The payload of ${taskKeyAt(item as ItemKey).taskId} is gone`);
		const ending = overflow.filter(({ expires_at }) => expiresTooSoon(Number(expires_at), now));
		const { teamId } = taskKeyAt(item as ItemKey);
		await Promise.all(ending.map((part) => this.#extend(part, teamId, now)));
		return joined.item;
	}

	/** Deletes what a task that was never attempted has apart from its item. */
	async remove(item: Item): Promise<void> {
		if (!hasOverflow(item)) return;
		const { taskId } = taskKeyAt(item as ItemKey);
		await this.#items.delete({ pk: overflowPartition(taskId), sk: PAYLOAD_SORT_KEY });
	}

	/** Deletes everything that a task has apart from its item. */
	async erase(item: Item): Promise<void> {
		if (!hasOverflow(item)) return;
		const { taskId } = taskKeyAt(item as ItemKey);
		const parts = await this.#items.queryAll(overflowPartition(taskId), true);
		await writeInBatches(
			this.#table,
			parts.map(({ pk, sk }) => ({ delete: { pk, sk } as ItemKey })),
		);
	}

	/** Parts are written before the item that refers to them, so a read at half price that misses one is repeated in full. */
	async #read(
		item: Item,
		isConsistent = false,
	): Promise<Readonly<{ joined: JoinedItem; overflow: readonly Item[] }>> {
		const partition = overflowPartition(taskKeyAt(item as ItemKey).taskId);
		const overflow = await this.#items.queryAll(partition, isConsistent);
		const joined = joinOverflow(item, overflow);
		const isComplete = joined.hasPayload && joined.hasAttempts;
		return isComplete || isConsistent ? { joined, overflow } : this.#read(item, true);
	}

	/** Parts that an older version has written do not say whose they are, which the daily walk has to know. */
	async #extend({ pk, sk }: Item, teamId: string, now: number): Promise<void> {
		await this.#items.update({ pk, sk } as ItemKey, {
			condition: "attribute_exists(#pk)",
			set: { expires_at: overflowExpiresAt(now), team_id: teamId },
		});
	}
}
