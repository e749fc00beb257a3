import type { Api, CallOptions } from "./api.ts";
import type { Job, JobRef } from "./job.ts";
import { type WaitOptions, waitFor } from "./wait-for.ts";

export class Jobs {
	readonly #api: Api;

	constructor(api: Api) {
		this.#api = api;
	}

	/** How far a job is. */
	get({ queue, id }: JobRef, options?: CallOptions): Promise<Job> {
		const path = ["v1", "queues", queue, "jobs", id];
		return this.#api.send({ method: "GET", path }, options);
	}

	/** The job once it is finished. Throws `AsyncQueueTimeoutError` after `timeoutMs`; the job goes on. */
	waitFor(job: JobRef, options: WaitOptions = {}): Promise<Job> {
		const ask = (call: CallOptions) => this.get(job, call);
		return waitFor({ what: `job ${job.id}`, ask, isOver: ({ status }) => status === "finished" }, options);
	}
}
