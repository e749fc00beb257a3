import type { Api, CallOptions } from "./api.ts";
import { AsyncQueueApiError } from "./errors.ts";
import type { CancelFilter, Job, PurgeFilter, RedriveFilter } from "./job.ts";
import type { Queue, QueueSettingsInput, QueueWithCounts } from "./queue.ts";

const PATH = ["v1", "queues"] as const;

const pathOf = (name: string): readonly string[] => [...PATH, name];

export class Queues {
	readonly #api: Api;

	constructor(api: Api) {
		this.#api = api;
	}

	list(options?: CallOptions): Promise<{ queues: readonly Queue[] }> {
		return this.#api.send({ method: "GET", path: PATH }, options);
	}

	/** A queue with how many tasks are pending, active and failed. */
	get(name: string, options?: CallOptions): Promise<QueueWithCounts> {
		return this.#api.send({ method: "GET", path: pathOf(name) }, options);
	}

	/** Replaces all settings, or creates the queue: what is left out takes its default. */
	put(name: string, settings: QueueSettingsInput = {}, options?: CallOptions): Promise<Queue> {
		return this.#api.send({ method: "PUT", path: pathOf(name), body: settings }, options);
	}

	/** Changes the settings that are named. */
	patch(name: string, settings: QueueSettingsInput, options?: CallOptions): Promise<Queue> {
		return this.#api.send({ method: "PATCH", path: pathOf(name), body: settings }, options);
	}

	/** Removes an empty queue; otherwise an `AsyncQueueApiError` with code `queue_not_empty`. */
	delete(name: string, options?: CallOptions & Readonly<{ force?: false }>): Promise<undefined>;
	/** Cancels the pending tasks of a queue, then removes it: by the job that is returned. */
	delete(name: string, options: CallOptions & Readonly<{ force: true }>): Promise<Job>;
	async delete(
		name: string,
		{ force = false, ...options }: CallOptions & Readonly<{ force?: boolean }> = {},
	): Promise<Job | undefined> {
		const query = force ? { force } : {};
		const call = { method: "DELETE", path: pathOf(name), query, isRepeatable: !force } as const;
		try {
			return await this.#api.send<Job | undefined>(call, options);
		} catch (error) {
			// Removed by the first of several requests, whose answer was lost.
			const isDone =
				error instanceof AsyncQueueApiError && error.attempts > 1 && error.code === "queue_not_found";
			if (isDone && !force) return undefined;
			throw error;
		}
	}

	/** Tasks are accepted, and nobody is called. */
	pause(name: string, options?: CallOptions): Promise<Queue> {
		return this.#api.send({ method: "POST", path: [...pathOf(name), "pause"] }, options);
	}

	/** Ends a pause, and a hold that a webhook asked for. */
	resume(name: string, options?: CallOptions): Promise<Queue> {
		return this.#api.send({ method: "POST", path: [...pathOf(name), "resume"] }, options);
	}

	/** Puts failed tasks back, with a fresh set of retries. */
	redrive(name: string, filter: RedriveFilter = {}, options?: CallOptions): Promise<Job> {
		return this.#startJob([...pathOf(name), "redrive"], filter, options);
	}

	/** Cancels pending tasks. */
	cancel(name: string, filter: CancelFilter = {}, options?: CallOptions): Promise<Job> {
		return this.#startJob([...pathOf(name), "cancel"], filter, options);
	}

	/** Deletes finished tasks for good. */
	purge(name: string, filter: PurgeFilter = {}, options?: CallOptions): Promise<Job> {
		return this.#startJob([...pathOf(name), "purge"], filter, options);
	}

	/** Not repeated: a second job would be about `max` more tasks. */
	#startJob(path: readonly string[], body: PurgeFilter, options: CallOptions | undefined): Promise<Job> {
		return this.#api.send({ method: "POST", path, body, isRepeatable: false }, options);
	}
}
