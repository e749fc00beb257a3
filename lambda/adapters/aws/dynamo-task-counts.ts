import type { QueueKey } from "../../core/queue.ts";
import type { QueueCount, QueueCounts } from "../../core/queue-counts.ts";
import { QUEUE_SHARDS } from "../../core/task-id.ts";
import type { Clock } from "../../ports.ts";
import { TtlCache } from "../ttl-cache.ts";
import type { DynamoItems, ItemPage, ItemQuery } from "./dynamo-items.ts";
import { dynamoTable } from "./dynamo-table.ts";
import type { Item } from "./item-values.ts";
import { shardPartition } from "./table-keys.ts";

/** Tasks looked at in each of the 8 shards: some 4 MB in all, 512 read units, less than a hundredth of a cent. */
const TASKS_A_SHARD = 1_000;

/** Failed tasks take twice the space: their attempts. */
const FAILED_A_SHARD = 500;

/** How long counts are remembered: a dashboard that is left open reads a large queue six times a minute at most. */
const TTL_MS = 10_000;

const MAX_QUEUES = 1_000;

/** A queue's tasks, counted by reading them: there is no counter, which every task would have to write to. */
export class DynamoTaskCounts {
	readonly #items: DynamoItems;
	readonly #clock: Clock;
	readonly #counts: TtlCache<QueueCounts>;

	constructor(items: DynamoItems, clock: Clock) {
		this.#items = items;
		this.#clock = clock;
		this.#counts = new TtlCache({ clock, ttlMs: TTL_MS, maxEntries: MAX_QUEUES });
	}

	async count(queue: QueueKey): Promise<QueueCounts> {
		const load = () => this.#load(queue);
		const counts = await this.#counts.read(`${queue.teamId}/${queue.name}`, load);
		return counts ?? load();
	}

	async #load(queue: QueueKey): Promise<QueueCounts> {
		const asOf = this.#clock.now();
		const [unfinished, failed] = await Promise.all([
			this.#readShards(queue, {
				filter: {
					condition: "#queue = :queue AND (#status = :pending OR #status = :active)",
					values: { queue: queue.name, pending: "pending", active: "active" },
				},
				limit: TASKS_A_SHARD,
			}),
			this.#readShards(queue, {
				index: dynamoTable.failedIndex,
				filter: { condition: "#queue = :queue", values: { queue: queue.name } },
				limit: FAILED_A_SHARD,
			}),
		]);
		const countOf = (pages: readonly ItemPage[], isCounted: (item: Item) => boolean): QueueCount => ({
			count: pages.reduce((sum, { items }) => sum + items.filter(isCounted).length, 0),
			exact: pages.every(({ lastKey }) => lastKey === undefined),
			asOf,
		});
		return {
			pending: countOf(unfinished, ({ status }) => status === "pending"),
			active: countOf(unfinished, ({ status }) => status === "active"),
			failed: countOf(failed, () => true),
		};
	}

	/** One page of each shard. Statuses alone: whole tasks would be megabytes to receive and to parse. */
	#readShards(queue: QueueKey, query: Omit<ItemQuery, "partition">): Promise<ItemPage[]> {
		const pages = Array.from({ length: QUEUE_SHARDS }, (_, shard) =>
			this.#items.query({ ...query, partition: shardPartition(queue, shard), only: ["status"] }),
		);
		return Promise.all(pages);
	}
}
