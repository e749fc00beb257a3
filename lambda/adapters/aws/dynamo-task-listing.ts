import type { TaskStatus } from "../../core/task.ts";
import { parseTaskId } from "../../core/task-id.ts";
import type { TaskQuery } from "../../core/task-page.ts";
import type { DynamoItems } from "./dynamo-items.ts";
import { dynamoTable } from "./dynamo-table.ts";
import type { ItemCondition } from "./item-expressions.ts";
import type { Item } from "./item-values.ts";
import { newestFirst, type Run } from "./newest-first.ts";
import { queuePartition, taskPartitions } from "./table-keys.ts";

/** Tasks that one page may look at for a rare status: some 12 MB, 1,500 read units, a fiftieth of a cent. */
const READ_BUDGET = 20_000;

/** Queues whose hashes collide share partitions, hence the filter by name. */
const filterFor = (queue: string | undefined, status: TaskStatus | undefined): ItemCondition | undefined => {
	const values = { queue, status };
	const conditions = Object.entries(values).flatMap(([name, value]) =>
		value ? [`#${name} = :${name}`] : [],
	);
	return conditions.length > 0 ? { condition: conditions.join(" AND "), values } : undefined;
};

/**
 * Pages of a team's tasks, newest first, merged from the shards of its queues. Without a queue all of the team's
 * queues are read, as there is no index over tasks but that of the failed ones.
 */
export class DynamoTaskListing {
	readonly #items: DynamoItems;

	constructor(items: DynamoItems) {
		this.#items = items;
	}

	async page(query: TaskQuery): Promise<Readonly<{ items: readonly Item[]; hasMore: boolean }>> {
		const { teamId, queue, status, before, limit } = query;
		const queues = queue === undefined ? await this.#queuesOf(teamId) : [queue];
		const { items, isCut } = await newestFirst({
			runs: taskPartitions(teamId, queues).map((partition) => this.#run(partition, queue, status)),
			keyOf: (item: Item) => String(item["sk"]),
			before: before === undefined ? undefined : parseTaskId(before)?.ulid,
			// One more than asked for tells whether there is more.
			count: limit + 1,
			budget: READ_BUDGET,
		});
		return { items: items.slice(0, limit), hasMore: isCut || items.length > limit };
	}

	async #queuesOf(teamId: string): Promise<string[]> {
		const queues = await this.#items.queryAll(queuePartition(teamId), false);
		return queues.map(({ sk }) => String(sk));
	}

	#run(partition: string, queue: string | undefined, status: TaskStatus | undefined): Run<Item> {
		const index = status === "failed" ? dynamoTable.failedIndex : undefined;
		const filter = filterFor(queue, index ? undefined : status);
		return async (before, limit) => {
			const { items, read, lastKey } = await this.#items.query({ partition, index, before, filter, limit });
			return { found: items, read, readTo: lastKey && String(lastKey["sk"]) };
		};
	}
}
