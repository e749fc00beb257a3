import type { QueueKey } from "../../core/queue.ts";
import type { QueueCounts } from "../../core/queue-counts.ts";
import { sideBySide } from "../../core/side-by-side.ts";
import type { Task, TaskKey, TaskStatus } from "../../core/task.ts";
import type { TaskPage, TaskQuery } from "../../core/task-page.ts";
import type {
	AttemptResult,
	Claim,
	Clock,
	Finish,
	Release,
	StalledPage,
	TaskStore,
	Transition,
	WalkPage,
} from "../../ports.ts";
import { systemClock } from "../system.ts";
import { placeAttempt } from "./attempt-pages.ts";
import { type ClaimedItem, ClaimedItems, isUnderClaimOf } from "./claimed-items.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import { DynamoStalledWork } from "./dynamo-stalled-work.ts";
import { DynamoTaskCounts } from "./dynamo-task-counts.ts";
import { DynamoTaskListing } from "./dynamo-task-listing.ts";
import { DynamoTaskOverflow } from "./dynamo-task-overflow.ts";
import { DynamoTaskWalk } from "./dynamo-task-walk.ts";
import type { ItemChange } from "./item-expressions.ts";
import type { Item } from "./item-values.ts";
import { type ItemKey, taskItemKey } from "./table-keys.ts";
import { attemptsIn, toAttemptItem, toTask, toTaskItems } from "./task-item.ts";
import {
	cancelChange,
	claimChange,
	closeChange,
	FINISHED,
	NEVER_ATTEMPTED,
	recordChange,
	releaseChange,
	reopenChange,
	stateAfterAttempt,
} from "./task-transitions.ts";

/** Tasks of a page whose other parts are read at the same time. */
const PARALLEL_READS = 16;

const REFUSED: Transition = { done: false, task: undefined };

/**
 * Tasks in DynamoDB. A delivered task is written three times: put, claim, result. Every transition is one conditional
 * update that gives the item in its answer, whether the condition held or not.
 */
export class DynamoTaskStore implements TaskStore {
	readonly #items: DynamoItems;
	readonly #overflow: DynamoTaskOverflow;
	readonly #listing: DynamoTaskListing;
	readonly #stalled: DynamoStalledWork;
	readonly #walk: DynamoTaskWalk;
	readonly #counts: DynamoTaskCounts;
	readonly #claims = new ClaimedItems();

	constructor(table: TableAccess, clock: Clock = systemClock) {
		this.#items = new DynamoItems(table);
		this.#walk = new DynamoTaskWalk(this.#items);
		this.#counts = new DynamoTaskCounts(this.#items, clock);
		this.#overflow = new DynamoTaskOverflow(table);
		this.#listing = new DynamoTaskListing(this.#items);
		this.#stalled = new DynamoStalledWork(this.#items);
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

	release(release: Release): Promise<Transition> {
		return this.#transition(release, (key) => {
			this.#claims.forget(key);
			return releaseChange(release);
		});
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

	cancel(key: TaskKey, finish: Finish): Promise<Transition> {
		return this.#transition(key, ({ sk }) => cancelChange(finish, sk));
	}

	reopen(key: TaskKey, dueAt: number, failedBefore?: number): Promise<Transition> {
		return this.#transition(key, () => reopenChange(dueAt, failedBefore));
	}

	close(key: TaskKey, attempt: number, finish: Finish): Promise<Transition> {
		return this.#transition(key, ({ sk }) => closeChange(attempt, finish, sk));
	}

	/** The item goes first: should the rest fail, what is left refers to nothing and expires. */
	async erase(key: TaskKey): Promise<boolean> {
		const itemKey = taskItemKey(key);
		const erased = itemKey && (await this.#items.delete(itemKey, FINISHED));
		if (!erased) return false;
		await this.#overflow.erase(erased);
		return true;
	}

	async remove(key: TaskKey): Promise<void> {
		const itemKey = taskItemKey(key);
		const removed = itemKey && (await this.#items.delete(itemKey, NEVER_ATTEMPTED));
		if (removed) await this.#overflow.remove(removed);
	}

	async findStalled(before: number, cursor?: string): Promise<StalledPage> {
		return this.#stalled.page(before, cursor);
	}

	async walk(queue: QueueKey, status: TaskStatus, cursor?: string): Promise<WalkPage> {
		const { items, nextCursor } = await this.#walk.page(queue, status, cursor);
		return { tasks: await this.#toTasks(items), nextCursor };
	}

	count(queue: QueueKey): Promise<QueueCounts> {
		return this.#counts.count(queue);
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
		return sideBySide(items, PARALLEL_READS, (item) => this.#toTask(item));
	}
}
