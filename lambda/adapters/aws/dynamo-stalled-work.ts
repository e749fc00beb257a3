import * as z from "zod";
import { DeliveryMessage } from "../../core/delivery-message.ts";
import { sideBySide } from "../../core/side-by-side.ts";
import type { StalledPage } from "../../ports.ts";
import type { DynamoItems } from "./dynamo-items.ts";
import type { ItemCondition } from "./item-expressions.ts";
import type { Item } from "./item-values.ts";
import { endingOverflow, overflowKeptUntil } from "./retention.ts";
import {
	type ItemKey,
	JOB_PREFIX,
	jobKeyAt,
	OVERFLOW_PREFIX,
	overflowTaskId,
	TASK_PREFIX,
	taskItemKey,
	taskKeyAt,
} from "./table-keys.ts";

const PARALLEL_CHECKS = 16;

/** Where the walk goes on: after this key. */
const Position = z.object({ pk: z.string(), sk: z.string() });

const STALLED =
	"begins_with(#pk, :tasks) AND (#status = :pending AND #due_at < :due OR #status = :active AND #lease_until < :due)";

const STALLED_JOB = "begins_with(#pk, :jobs) AND #status = :running AND #updated_at < :due";

const ENDING =
	"begins_with(#pk, :overflow) AND attribute_exists(#team_id) AND (#expires_at < :last OR #expires_at BETWEEN :after AND :before)";

/** Tasks and jobs that should have moved before then (epoch ms), and parts of tasks that end soon. */
const wanted = (before: number): ItemCondition => ({
	condition: `${STALLED} OR ${STALLED_JOB} OR ${ENDING}`,
	values: {
		tasks: TASK_PREFIX,
		pending: "pending",
		active: "active",
		due: before,
		jobs: JOB_PREFIX,
		running: "running",
		overflow: OVERFLOW_PREFIX,
		...endingOverflow(before),
	},
});

/** The items of partitions whose keys start like that. */
const startingWith = (items: readonly Item[], prefix: string): Item[] =>
	items.filter(({ pk }) => String(pk).startsWith(prefix));

/** The message that the task in an item needs. */
const messageOf = (item: Item): DeliveryMessage => {
	const { teamId, taskId } = taskKeyAt(item as ItemKey);
	return DeliveryMessage.parse({ ...item, team_id: teamId, task_id: taskId });
};

/**
 * Walks over the whole table, a MB at a time, in search of tasks and jobs that should have moved. As it meets everything, it
 * also keeps the parts that tasks have apart from their items, where a task waits, or is kept, for longer than they
 * are: in a paused queue, for instance.
 */
export class DynamoStalledWork {
	readonly #items: DynamoItems;

	constructor(items: DynamoItems) {
		this.#items = items;
	}

	async page(before: number, cursor: string | undefined): Promise<StalledPage> {
		const startAfter = cursor === undefined ? undefined : Position.parse(JSON.parse(cursor));
		const { items, lastKey } = await this.#items.scan(wanted(before), startAfter);
		const parts = startingWith(items, OVERFLOW_PREFIX);
		await sideBySide(parts, PARALLEL_CHECKS, (part) => this.#keep(part, before));
		const messages = startingWith(items, TASK_PREFIX).map(messageOf);
		const jobs = startingWith(items, JOB_PREFIX).map((item) => jobKeyAt(item as ItemKey));
		return { messages, jobs, nextCursor: lastKey && JSON.stringify(lastKey) };
	}

	/** Extends a part that ends before its task does. One whose task is gone is left to expire. */
	async #keep({ pk, sk, team_id, expires_at }: Item, now: number): Promise<void> {
		const part = { pk, sk } as ItemKey;
		const key = taskItemKey({ teamId: String(team_id), taskId: overflowTaskId(part.pk) });
		const task = key && (await this.#items.get(key));
		if (!task) return;
		const taskExpiresAt = task["expires_at"] === undefined ? undefined : Number(task["expires_at"]);
		if (taskExpiresAt !== undefined && taskExpiresAt < Number(expires_at)) return;
		await this.#items.update(part, {
			condition: "#expires_at = :expires_at",
			values: { expires_at },
			set: { expires_at: overflowKeptUntil(taskExpiresAt, now) },
		});
	}
}
