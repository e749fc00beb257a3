import type { Api, CallOptions } from "./api.ts";
import { AsyncQueueApiError, AsyncQueueError } from "./errors.ts";
import { type BatchResult, isFinal, type NewTask, type Task, type TaskPage, type TaskQuery } from "./task.ts";
import { batchRequestsOf, tooLargeAlone } from "./task-batch.ts";
import { type WaitOptions, waitFor } from "./wait-for.ts";

export type CreateOptions = CallOptions &
	Readonly<{
		/**
		 * The same key with the same task creates it once, for 24 hours: name what the task is about, such as
		 * `order-1234-receipt`, and it does not matter how often your own code runs. A random one by default, which
		 * covers the repetitions of one call.
		 */
		idempotencyKey?: string | undefined;
	}>;

const PATH = ["v1", "tasks"] as const;

/** The longest that the API is asked to hold a question. */
const LONG_POLL_MS = 20_000;
/** Left for the answer to arrive. */
const LONG_POLL_RESERVE_MS = 2_000;

const hasTransientFault = (body: unknown): boolean =>
	(body as { results: readonly BatchResult[] }).results.some(({ status }) => status >= 500);

export class Tasks {
	readonly #api: Api;

	constructor(api: Api) {
		this.#api = api;
	}

	/** Creates a task. However often the request has to be repeated, it exists once. */
	create<Payload extends object = Record<string, unknown>>(
		task: NewTask<Payload>,
		{ idempotencyKey = crypto.randomUUID(), ...options }: CreateOptions = {},
	): Promise<Task<Payload>> {
		return this.#api.send({ method: "POST", path: PATH, body: task, idempotencyKey }, options);
	}

	/**
	 * Creates any number of tasks, a hundred in a request, and tells of each, in order, what became of it: one that is
	 * refused does not sink the rest. When a request fails the error has an `idempotencyKey`: with it the whole batch
	 * can be repeated, and creates nothing twice.
	 */
	async createBatch<Payload extends object = Record<string, unknown>>(
		tasks: readonly NewTask<Payload>[],
		{ idempotencyKey = crypto.randomUUID(), ...options }: CreateOptions = {},
	): Promise<{ results: readonly BatchResult<Payload>[] }> {
		const results: BatchResult<Payload>[] = [];
		for (const request of batchRequestsOf(tasks, idempotencyKey)) {
			const call = {
				method: "POST",
				path: [...PATH, "batch"],
				body: { tasks: request.tasks },
				idempotencyKey: request.idempotencyKey,
				isIncomplete: hasTransientFault,
			} as const;
			try {
				results.push(...(await this.#api.send<{ results: BatchResult<Payload>[] }>(call, options)).results);
			} catch (error) {
				if (error instanceof AsyncQueueError) error.idempotencyKey = idempotencyKey;
				const refused = tooLargeAlone(request, error);
				if (!refused) throw error;
				results.push(refused);
			}
		}
		return { results };
	}

	get<Payload = Record<string, unknown>>(id: string, options?: CallOptions): Promise<Task<Payload>> {
		return this.#api.send({ method: "GET", path: [...PATH, id] }, options);
	}

	/** One page, newest first. */
	list<Payload = Record<string, unknown>>(
		query: TaskQuery = {},
		options?: CallOptions,
	): Promise<TaskPage<Payload>> {
		return this.#api.send({ method: "GET", path: PATH, query }, options);
	}

	/** Every task that `query` is about, newest first, page by page as they are used. */
	async *listAll<Payload = Record<string, unknown>>(
		query: TaskQuery = {},
		options?: CallOptions,
	): AsyncGenerator<Task<Payload>, void, undefined> {
		let next = { limit: 100, ...query };
		for (;;) {
			const page = await this.list<Payload>(next, options);
			yield* page.tasks;
			const cursor = page.pagination.next_cursor;
			if (cursor === null) return;
			next = { ...next, cursor, offset: undefined };
		}
	}

	/** Cancels a pending task; otherwise an `AsyncQueueApiError` with code `task_not_pending`. */
	async cancel<Payload = Record<string, unknown>>(id: string, options?: CallOptions): Promise<Task<Payload>> {
		try {
			return await this.#api.send({ method: "DELETE", path: [...PATH, id] }, options);
		} catch (error) {
			// Perhaps by the first of several requests, whose answer was lost.
			const isOurs =
				error instanceof AsyncQueueApiError && error.attempts > 1 && error.code === "task_not_pending";
			const task = isOurs ? await this.get<Payload>(id, options) : undefined;
			if (task?.status === "cancelled") return task;
			throw error;
		}
	}

	/** Puts a failed task back with a fresh set of retries. */
	retry<Payload = Record<string, unknown>>(id: string, options?: CallOptions): Promise<Task<Payload>> {
		const path = [...PATH, id, "retry"];
		return this.#api.send({ method: "POST", path, isRepeatable: false }, options);
	}

	/**
	 * The task once it is completed, failed or cancelled: look at its `status`. Throws `AsyncQueueTimeoutError` after
	 * `timeoutMs`; the task goes on.
	 */
	waitFor<Payload = Record<string, unknown>>(id: string, options: WaitOptions = {}): Promise<Task<Payload>> {
		const path = [...PATH, id];
		const ask = (call: CallOptions, remainingMs: number): Promise<Task<Payload>> => {
			const holdMs = Math.min(LONG_POLL_MS, remainingMs, this.#api.timeoutMs - LONG_POLL_RESERVE_MS);
			// An API that knows no `wait` answers at once.
			const wait = holdMs >= 1_000 ? Math.floor(holdMs / 1_000) : undefined;
			return this.#api.send({ method: "GET", path, query: { wait } }, call);
		};
		return waitFor({ what: `task ${id}`, ask, isOver: isFinal }, options);
	}
}
