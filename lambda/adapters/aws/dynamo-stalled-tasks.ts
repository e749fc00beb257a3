import * as z from "zod";
import type { DynamoItems } from "./dynamo-items.ts";
import type { ItemCondition } from "./item-expressions.ts";
import type { Item } from "./item-values.ts";
import { TASK_PREFIX } from "./table-keys.ts";

/** Where the walk goes on: after this key. */
const Position = z.object({ pk: z.string(), sk: z.string() });

const stalled = (before: number): ItemCondition => ({
	condition:
		"begins_with(#pk, :tasks) AND (#status = :pending AND #due_at < :before OR #status = :active AND #lease_until < :before)",
	values: { tasks: TASK_PREFIX, pending: "pending", active: "active", before },
});

/** Walks over the whole table, a MB at a time, in search of tasks that should have moved. */
export class DynamoStalledTasks {
	readonly #items: DynamoItems;

	constructor(items: DynamoItems) {
		this.#items = items;
	}

	async page(
		before: number,
		cursor: string | undefined,
	): Promise<Readonly<{ items: readonly Item[]; nextCursor: string | undefined }>> {
		const startAfter = cursor === undefined ? undefined : Position.parse(JSON.parse(cursor));
		const { items, lastKey } = await this.#items.scan(stalled(before), startAfter);
		return { items, nextCursor: lastKey && JSON.stringify(lastKey) };
	}
}
