import type { QueueKey } from "../../lambda/core/queue.ts";
import type { Task, TaskKey, TaskStatus } from "../../lambda/core/task.ts";
import type { TaskQuery } from "../../lambda/core/task-page.ts";
import type { AttemptResult, Claim, Finish, Release, TaskStore, Transition } from "../../lambda/ports.ts";
import type { Chronicle } from "./chronicle.ts";

/** A task store that takes down what has taken effect, so that no fault on the way to it hides it. */
export class ObservedTaskStore implements TaskStore {
	readonly #store: TaskStore;
	readonly #chronicle: Chronicle;

	constructor(store: TaskStore, chronicle: Chronicle) {
		this.#store = store;
		this.#chronicle = chronicle;
	}

	async put(task: Task) {
		const written = await this.#store.put(task);
		if (written === "created") this.#chronicle.noteStored(task);
		return written;
	}

	get(key: TaskKey) {
		return this.#store.get(key);
	}

	list(query: TaskQuery) {
		return this.#store.list(query);
	}

	claim(claim: Claim) {
		return this.#noted(this.#store.claim(claim), () => this.#chronicle.noteClaim(claim));
	}

	release(release: Release) {
		return this.#noted(this.#store.release(release), () => this.#chronicle.noteReleased(release));
	}

	recordAttempt(result: AttemptResult) {
		return this.#noted(this.#store.recordAttempt(result), (task) => {
			if (task.status === "pending") this.#chronicle.noteDue(task);
		});
	}

	cancel(key: TaskKey, finish: Finish) {
		return this.#noted(this.#store.cancel(key, finish), (task) => this.#chronicle.noteCancelled(task));
	}

	reopen(key: TaskKey, dueAt: number, failedBefore?: number) {
		return this.#noted(this.#store.reopen(key, dueAt, failedBefore), (task) => this.#chronicle.noteDue(task));
	}

	close(key: TaskKey, attempt: number, finish: Finish) {
		return this.#store.close(key, attempt, finish);
	}

	async erase(key: TaskKey) {
		const erased = await this.#store.erase(key);
		if (erased) this.#chronicle.noteGone(key.taskId);
		return erased;
	}

	async remove(key: TaskKey) {
		await this.#store.remove(key);
		if (!(await this.#store.get(key))) this.#chronicle.noteGone(key.taskId);
	}

	findStalled(before: number, cursor?: string) {
		return this.#store.findStalled(before, cursor);
	}

	walk(queue: QueueKey, status: TaskStatus, cursor?: string) {
		return this.#store.walk(queue, status, cursor);
	}

	count(queue: QueueKey) {
		return this.#store.count(queue);
	}

	async #noted(transition: Promise<Transition>, note: (task: Task) => void): Promise<Transition> {
		const result = await transition;
		if (result.done) note(result.task);
		return result;
	}
}
