import * as z from "zod";
import type { QueueKey } from "../../core/queue.ts";
import type { TaskStatus } from "../../core/task.ts";
import { QUEUE_SHARDS } from "../../core/task-id.ts";
import type { DynamoItems } from "./dynamo-items.ts";
import { dynamoTable } from "./dynamo-table.ts";
import type { Item } from "./item-values.ts";
import { shardPartition } from "./table-keys.ts";

/** Tasks looked at for one page. */
const PAGE_SIZE = 100;

/** Where a walk goes on: in this shard, after this sort key, or at its beginning. */
const Position = z.object({ shard: z.int().min(0).max(QUEUE_SHARDS), sk: z.string().optional() });
type Position = z.infer<typeof Position>;

const START: Position = { shard: 0 };

type ShardPage = Readonly<{ items: readonly Item[]; read: number; next: Position }>;

/**
 * Walks over a queue's tasks of one status, shard by shard in order of creation: what is created meanwhile may be met
 * or not, everything else is met once. Failed tasks are found through their index, which may lag a little behind.
 */
export class DynamoTaskWalk {
	readonly #items: DynamoItems;

	constructor(items: DynamoItems) {
		this.#items = items;
	}

	async page(
		queue: QueueKey,
		status: TaskStatus,
		cursor: string | undefined,
	): Promise<Readonly<{ items: readonly Item[]; nextCursor: string | undefined }>> {
		let position = cursor === undefined ? START : Position.parse(JSON.parse(cursor));
		let room = PAGE_SIZE;
		const found: Item[] = [];
		while (room > 0 && position.shard < QUEUE_SHARDS) {
			const { items, read, next } = await this.#read(queue, status, position, room);
			found.push(...items);
			room -= read;
			position = next;
		}
		const isAtEnd = position.shard >= QUEUE_SHARDS;
		return { items: found, nextCursor: isAtEnd ? undefined : JSON.stringify(position) };
	}

	/** Queues whose hashes collide share partitions, hence the filter by name. */
	async #read(
		queue: QueueKey,
		status: TaskStatus,
		{ shard, sk }: Position,
		limit: number,
	): Promise<ShardPage> {
		const partition = shardPartition(queue, shard);
		const isFailed = status === "failed";
		const { items, read, lastKey } = await this.#items.query({
			partition,
			index: isFailed ? dynamoTable.failedIndex : undefined,
			filter: {
				condition: isFailed ? "#queue = :queue" : "#queue = :queue AND #status = :status",
				values: { queue: queue.name, status: isFailed ? undefined : status },
			},
			limit,
			isConsistent: !isFailed,
			startAfter:
				sk === undefined
					? undefined
					: { pk: partition, sk, ...(isFailed && { [dynamoTable.failedIndex.sortKey]: sk }) },
		});
		const next = lastKey ? { shard, sk: String(lastKey["sk"]) } : { shard: shard + 1 };
		return { items, read, next };
	}
}
