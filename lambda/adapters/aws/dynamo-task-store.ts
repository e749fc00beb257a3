import type { Task, TaskKey } from "../../core/task.ts";
import type { TaskPage, TaskQuery } from "../../core/task-page.ts";
import type { AttemptResult, Claim, StalledPage, TaskStore, Transition } from "../../ports.ts";
import { placeAttempt } from "./attempt-pages.ts";
import { type ClaimedItem, ClaimedItems, isUnderClaimOf } from "./claimed-items.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import { DynamoStalledTasks } from "./dynamo-stalled-tasks.ts";
import { DynamoTaskListing } from "./dynamo-task-listing.ts";
import { DynamoTaskOverflow } from "./dynamo-task-overflow.ts";
import { inParallel } from "./in-parallel.ts";
import type { ItemChange, ItemCondition } from "./item-expressions.ts";
import type { Item } from "./item-values.ts";
import { type ItemKey, taskItemKey } from "./table-keys.ts";
import { attemptsIn, toAttemptItem, toTask, toTaskItems } from "./task-item.ts";
import {
	cancelChange,
	claimChange,
	closeChange,
	recordChange,
	reopenChange,
	stateAfterAttempt,
} from "./task-transitions.ts";

/** Tasks of a page whose other parts are read at the same time. */
const PARALLEL_READS = 16;

const NEVER_ATTEMPTED: ItemCondition = {
	condition: "#status = :pending AND attribute_not_exists(#attempts)",
	values: { pending: "pending" },
};

const REFUSED: Transition = { done: false, task: undefined };

/**
 * Tasks in DynamoDB. A delivered task is written three times: put, claim, result. Every transition is one conditional
 * update that gives the item in its answer, whether the condition held or not.
 */
export class DynamoTaskStore implements TaskStore {
	readonly #items: DynamoItems;
	readonly #overflow: DynamoTaskOverflow;
	readonly #listing: DynamoTaskListing;
	readonly #stalled: DynamoStalledTasks;
	readonly #claims = new ClaimedItems();

	constructor(table: TableAccess) {
		this.#items = new DynamoItems(table);
		this.#overflow = new DynamoTaskOverflow(this.#items);
		this.#listing = new DynamoTaskListing(this.#items);
		this.#stalled = new DynamoStalledTasks(this.#items);
	}

	async put(task: Task): Promise<"created" | "exists"> {
		const { item, payloadItem } = toTaskItems(task);
		// The payload goes first: a crash in between leaves a payload that expires, not a task without one.
		if (payloadItem) await this.#items.putUnlessTaken(payloadItem);
		const { done } = await this.#items.putUnlessTaken(item);
		return done ? "created" : "exists";
	}

	async get(key: TaskKey): Promise<Task | undefined> {
		const itemKey = taskItemKey(key);
		const found = itemKey && (await this.#read(itemKey));
		return found && toTask(found.whole);
	}

	async list(query: TaskQuery): Promise<TaskPage> {
		const { items, hasMore } = await this.#listing.page(query);
		return { tasks: await this.#toTasks(items), hasMore };
	}

	async claim(claim: Claim): Promise<Transition> {
		const key = taskItemKey(claim);
		if (!key) return REFUSED;
		const { done, item } = await this.#items.update(key, claimChange(claim));
		if (!done) return { done, task: item && (await this.#toTask(item)) };
		const whole = await this.#overflow.completeClaimed(item, claim.now);
		this.#claims.add(key, { item, whole });
		return { done, task: toTask(whole) };
	}

	async recordAttempt(result: AttemptResult): Promise<Transition> {
		const key = taskItemKey(result);
		if (!key) return REFUSED;
		const claimed = this.#claims.take(key, result) ?? (await this.#read(key));
		if (!claimed || !isUnderClaimOf(claimed.item, result))
			return { done: false, task: claimed && toTask(claimed.whole) };
		const state = stateAfterAttempt(result, key.sk);
		const { set, page } = placeAttempt(claimed.item, result.attempt, state);
		if (page) await this.#items.put(page);
		const { done, item } = await this.#items.update(key, recordChange(result, { ...state, ...set }));
		if (!done) return { done, task: item && (await this.#toTask(item)) };
		const { payload, webhook_url } = claimed.whole;
		const attempts = [...attemptsIn(claimed.whole), toAttemptItem(result.attempt)];
		return { done, task: toTask({ ...item, payload, webhook_url, attempts }) };
	}

	cancel(key: TaskKey, at: number): Promise<Transition> {
		return this.#transition(key, ({ sk }) => cancelChange(at, sk));
	}

	reopen(key: TaskKey, dueAt: number): Promise<Transition> {
		return this.#transition(key, () => reopenChange(dueAt));
	}

	close(key: TaskKey, attempt: number, completedAt: number): Promise<Transition> {
		return this.#transition(key, ({ sk }) => closeChange(attempt, completedAt, sk));
	}

	async remove(key: TaskKey): Promise<void> {
		const itemKey = taskItemKey(key);
		const removed = itemKey && (await this.#items.delete(itemKey, NEVER_ATTEMPTED));
		if (removed) await this.#overflow.remove(removed);
	}

	async findStalled(before: number, cursor?: string): Promise<StalledPage> {
		const { items, nextCursor } = await this.#stalled.page(before, cursor);
		return { tasks: await this.#toTasks(items), nextCursor };
	}

	async #transition(key: TaskKey, change: (itemKey: ItemKey) => ItemChange): Promise<Transition> {
		const itemKey = taskItemKey(key);
		if (!itemKey) return REFUSED;
		const { done, item } = await this.#items.update(itemKey, change(itemKey));
		if (done) return { done, task: await this.#toTask(item) };
		return { done, task: item && (await this.#toTask(item)) };
	}

	async #read(key: ItemKey): Promise<ClaimedItem | undefined> {
		const item = await this.#items.get(key);
		return item && { item, whole: await this.#overflow.complete(item) };
	}

	async #toTask(item: Item): Promise<Task> {
		return toTask(await this.#overflow.complete(item));
	}

	#toTasks(items: readonly Item[]): Promise<Task[]> {
		return inParallel(items, PARALLEL_READS, (item) => this.#toTask(item));
	}
}
