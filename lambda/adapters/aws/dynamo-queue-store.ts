import * as z from "zod";
import { type Queue, type QueueKey, type QueueNotes, QueueSettings } from "../../core/queue.ts";
import type { Clock, QueueStore } from "../../ports.ts";
import { systemClock } from "../system.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import type { ItemCondition } from "./item-expressions.ts";
import type { Item } from "./item-values.ts";
import { epochSeconds } from "./retention.ts";
import { type ItemKey, queuePartition } from "./table-keys.ts";

/**
 * A deleted queue leaves its name behind, for as long as there can be tasks of it (a year after they have finished)
 * and some weeks: a listing of all of a team's tasks finds their partitions by the names of its queues.
 */
const TOMBSTONE_MS = 400 * 86_400_000;

/**
 * Parsing gives settings that are newer than the item their default. Settings that are newer than this program, as
 * after a rollback, are ignored.
 */
const StoredQueue = z.object({
	sk: z.string(),
	settings: QueueSettings.strip(),
	created_at: z.int(),
	updated_at: z.int(),
	held_until: z.int().optional(),
	slow_at: z.int().optional(),
	quick_at: z.int().optional(),
});

const queueItemKey = (teamId: string, name: string): ItemKey => ({ pk: queuePartition(teamId), sk: name });

const IS_LIVING: ItemCondition = {
	condition: "attribute_exists(#pk) AND attribute_not_exists(#deleted_at)",
};

const IS_FREE: ItemCondition = {
	condition: "attribute_not_exists(#pk) OR attribute_exists(#deleted_at)",
};

const notesItem = ({ slowAt, quickAt }: QueueNotes): Item => ({
	slow_at: slowAt,
	quick_at: quickAt,
});

const toItem = (queue: Queue): Item & ItemKey => ({
	...queueItemKey(queue.teamId, queue.name),
	settings: queue.settings,
	created_at: queue.createdAt,
	updated_at: queue.updatedAt,
	held_until: queue.heldUntil,
	...notesItem(queue),
});

const fromItem = (teamId: string, item: Item): Queue => {
	const { sk, settings, created_at, updated_at, held_until, slow_at, quick_at } = StoredQueue.parse(item);
	return {
		teamId,
		name: sk,
		settings,
		createdAt: created_at,
		updatedAt: updated_at,
		...(held_until !== undefined && { heldUntil: held_until }),
		...(slow_at !== undefined && { slowAt: slow_at }),
		...(quick_at !== undefined && { quickAt: quick_at }),
	};
};

/** Nothing where a queue was deleted. */
const livingQueue = (teamId: string, item: Item | undefined): Queue | undefined =>
	item && item["deleted_at"] === undefined ? fromItem(teamId, item) : undefined;

/** Queues in DynamoDB. Every read is a consistent one. */
export class DynamoQueueStore implements QueueStore {
	readonly #items: DynamoItems;
	readonly #clock: Clock;

	constructor(table: TableAccess, clock: Clock = systemClock) {
		this.#items = new DynamoItems(table);
		this.#clock = clock;
	}

	get(teamId: string, name: string): Promise<Queue | undefined> {
		return this.getFresh(teamId, name);
	}

	async getFresh(teamId: string, name: string): Promise<Queue | undefined> {
		return livingQueue(teamId, await this.#items.get(queueItemKey(teamId, name)));
	}

	async list(teamId: string): Promise<readonly Queue[]> {
		const items = await this.#items.queryAll(queuePartition(teamId), true);
		return items.flatMap((item) => livingQueue(teamId, item) ?? []);
	}

	async create(queue: Queue): Promise<Queue> {
		const { item } = await this.#items.putUnlessTaken(toItem(queue), IS_FREE);
		return item ? fromItem(queue.teamId, item) : queue;
	}

	/** What a deleted queue has left behind has neither notes nor an instant of creation: it becomes a new queue. */
	async put(queue: Queue): Promise<Queue> {
		const { teamId, name, settings, createdAt, updatedAt } = queue;
		const { item } = await this.#items.update(queueItemKey(teamId, name), {
			set: { settings, updated_at: updatedAt },
			compute: "#created_at = if_not_exists(#created_at, :created_at)",
			values: { created_at: createdAt },
			remove: ["deleted_at", "expires_at"],
		});
		return item ? fromItem(teamId, item) : queue;
	}

	async replace(queue: Queue, ifUpdatedAt: number): Promise<Queue | undefined> {
		const { teamId, name, settings, updatedAt } = queue;
		const { done, item } = await this.#items.update(queueItemKey(teamId, name), {
			condition: "#updated_at = :updated_at",
			values: { updated_at: ifUpdatedAt },
			set: { settings, updated_at: updatedAt },
		});
		return done ? fromItem(teamId, item) : undefined;
	}

	async note({ teamId, name }: QueueKey, notes: QueueNotes): Promise<void> {
		const set = notesItem(notes);
		if (Object.values(set).every((value) => value === undefined)) return;
		await this.#items.update(queueItemKey(teamId, name), { ...IS_LIVING, set });
	}

	/** What stands in the way is a longer hold, or that there is no such queue. */
	async hold({ teamId, name }: QueueKey, until: number): Promise<Queue | undefined> {
		const { item } = await this.#items.update(queueItemKey(teamId, name), {
			condition: `${IS_LIVING.condition} AND (attribute_not_exists(#held_until) OR #held_until < :until)`,
			values: { until },
			set: { held_until: until },
		});
		return livingQueue(teamId, item);
	}

	async endHold({ teamId, name }: QueueKey): Promise<void> {
		await this.#items.update(queueItemKey(teamId, name), { ...IS_LIVING, set: { held_until: 0 } });
	}

	async remove({ teamId, name }: QueueKey): Promise<void> {
		const now = this.#clock.now();
		const tombstone = { deleted_at: now, expires_at: epochSeconds(now + TOMBSTONE_MS) };
		await this.#items.putUnlessTaken({ ...queueItemKey(teamId, name), ...tombstone }, IS_LIVING);
	}

	/** What is written here is read here at once: only who remembers it has to be waited for. */
	async inForce(): Promise<void> {}
}
