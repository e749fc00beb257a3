import { Api, type ApiOptions, type CallOptions } from "./api.ts";
import { Jobs } from "./jobs.ts";
import { Keys } from "./keys.ts";
import { Queues } from "./queues.ts";
import { Tasks } from "./tasks.ts";

/**
 * A client of one AsyncQueue with one API key. Every method takes `{ signal, timeoutMs, retries }` last and throws
 * `AsyncQueueApiError`, `AsyncQueueConnectionError` or `AsyncQueueTimeoutError`.
 */
export class AsyncQueue {
	readonly tasks: Tasks;
	readonly queues: Queues;
	readonly jobs: Jobs;
	readonly keys: Keys;
	readonly #api: Api;

	/** Throws a TypeError when `url` or `apiKey` is not usable. */
	constructor(options: ApiOptions) {
		this.#api = new Api(options);
		this.tasks = new Tasks(this.#api);
		this.queues = new Queues(this.#api);
		this.jobs = new Jobs(this.#api);
		this.keys = new Keys(this.#api);
	}

	/** Whether the API is up; the key does not matter. */
	health(options?: CallOptions): Promise<{ status: "ok"; version: string }> {
		return this.#api.send({ method: "GET", path: ["health"] }, options);
	}
}
