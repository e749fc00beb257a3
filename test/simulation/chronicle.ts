import type { Task } from "../../lambda/core/task.ts";
import type { Claim, Release } from "../../lambda/ports.ts";

const attemptKey = (taskId: string, attempt: number): string => `${taskId}/${attempt}`;

/** What has really happened to tasks, whoever knows of it. Instants are epoch ms. */
export class Chronicle {
	readonly #now: () => number;
	readonly #dueAt = new Map<string, number>();
	readonly #claims = new Map<string, readonly Claim[]>();
	readonly #cancelledAt = new Map<string, number>();
	readonly #stored = new Map<string, Task>();
	readonly #goneAt = new Map<string, number>();

	constructor(now: () => number) {
		this.#now = now;
	}

	/** Every task that was ever stored, as it was then. */
	get stored(): ReadonlyMap<string, Task> {
		return this.#stored;
	}

	/** When an attempt becomes due; undefined when there is no such attempt yet. */
	dueAt(taskId: string, attempt: number): number | undefined {
		return this.#dueAt.get(attemptKey(taskId, attempt));
	}

	/** Claims of an attempt that were granted, oldest first. */
	claims(taskId: string, attempt: number): readonly Claim[] {
		return this.#claims.get(attemptKey(taskId, attempt)) ?? [];
	}

	/** When the task was cancelled; undefined when it was not. */
	cancelledAt(taskId: string): number | undefined {
		return this.#cancelledAt.get(taskId);
	}

	/** When a task that was stored was last taken back or purged; undefined when it never was. */
	goneAt(taskId: string): number | undefined {
		return this.#goneAt.get(taskId);
	}

	noteStored(task: Task): void {
		this.#stored.set(task.id, task);
		this.noteDue(task);
	}

	noteDue({ id, attempt, dueAt }: Task): void {
		this.#dueAt.set(attemptKey(id, attempt), dueAt);
	}

	noteClaim(claim: Claim): void {
		const key = attemptKey(claim.taskId, claim.attempt);
		this.#claims.set(key, [...(this.#claims.get(key) ?? []), claim]);
	}

	/** A claim that was given back is none: the next one need not wait for its lease to end. */
	noteReleased({ taskId, attempt }: Release): void {
		this.#claims.set(attemptKey(taskId, attempt), this.claims(taskId, attempt).slice(0, -1));
	}

	noteCancelled({ id }: Task): void {
		this.#cancelledAt.set(id, this.#now());
	}

	/** Whoever creates it again with its idempotency key begins anew. */
	noteGone(taskId: string): void {
		this.#goneAt.set(taskId, this.#now());
		for (const key of this.#claims.keys()) if (key.startsWith(`${taskId}/`)) this.#claims.delete(key);
	}
}
