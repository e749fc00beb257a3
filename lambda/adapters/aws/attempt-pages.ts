import type { Attempt } from "../../core/task.ts";
import { itemBytes, WRITE_UNIT_BYTES } from "./item-size.ts";
import type { Item } from "./item-values.ts";
import { overflowExpiresAt } from "./retention.ts";
import { type ItemKey, overflowPartition, taskKeyAt } from "./table-keys.ts";
import { attemptsIn, PAYLOAD_SORT_KEY, toAttemptItem } from "./task-item.ts";

/** What a cancellation adds to a pending item, which is more than what a claim adds. */
const ROOM_FOR_NEXT_TRANSITION = 40;

/** Where a new attempt goes: attributes to set on the task's item, and a page to be written before. */
export type AttemptPlacement = Readonly<{ set: Item; page?: (Item & ItemKey) | undefined }>;

/**
 * Places the attempt that ends the claim of `claimed`, whose item gets `changes` as well.
 *
 * Attempts gather in the task's item. When they would make it larger than a write unit they move, all together, to a
 * page of their own; the item points to its newest page and each page to the one before. A page belongs to one claim,
 * by its key: if that claim turns out to be superseded nothing ever points to its page.
 */
export const placeAttempt = (claimed: Item, attempt: Attempt, changes: Item): AttemptPlacement => {
	const attempts = [...attemptsIn(claimed), toAttemptItem(attempt)];
	const grown = { ...claimed, lease_until: undefined, ...changes, attempts };
	const room = changes["status"] === "pending" ? ROOM_FOR_NEXT_TRANSITION : 0;
	if (itemBytes(grown) + room <= WRITE_UNIT_BYTES) return { set: { attempts } };
	const sk = `attempts#${attempt.number}#${claimed["lease_until"]}`;
	const { teamId, taskId } = taskKeyAt(claimed as ItemKey);
	const page = {
		pk: overflowPartition(taskId),
		sk,
		team_id: teamId,
		attempts,
		attempts_page: claimed["attempts_page"],
		expires_at: overflowExpiresAt(attempt.executedAt),
	};
	return { set: { attempts: [], attempts_page: sk }, page };
};

const hasInlinePayload = (item: Item): boolean =>
	item["payload"] !== undefined && item["webhook_url"] !== undefined;

/** Whether parts of the task in `item` are stored apart from it. */
export const hasOverflow = (item: Item): boolean =>
	!hasInlinePayload(item) || item["attempts_page"] !== undefined;

/** How a task is shown whose payload is gone: no payload can be null. */
const GONE = { payload: "null", webhook_url: "" };

/** An item with the parts that were found apart from it. */
export type JoinedItem = Readonly<{ item: Item; hasPayload: boolean; hasAttempts: boolean }>;

/** Puts a task together again. `overflow` is everything in its overflow partition, pages of superseded claims included. */
export const joinOverflow = (item: Item, overflow: readonly Item[]): JoinedItem => {
	const bySortKey = new Map(overflow.map((each) => [each["sk"], each]));
	let attempts = attemptsIn(item);
	let next = item["attempts_page"];
	for (let page = bySortKey.get(next); page; page = bySortKey.get(next)) {
		attempts = [...attemptsIn(page), ...attempts];
		next = page["attempts_page"];
	}
	return {
		item: { ...GONE, ...bySortKey.get(PAYLOAD_SORT_KEY), expires_at: undefined, ...item, attempts },
		hasPayload: hasInlinePayload(item) || bySortKey.has(PAYLOAD_SORT_KEY),
		hasAttempts: next === undefined,
	};
};
