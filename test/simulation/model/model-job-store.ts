import { JOB_KEPT_MS, type Job, type JobKey } from "../../../lambda/core/job.ts";
import type { JobStore } from "../../../lambda/ports.ts";
import { TeamMap } from "./team-map.ts";

/** Queue names have no `/`. */
const placeIn = (queue: string, jobId: string): string => `${queue}/${jobId}`;

/** Bulk jobs as a map. */
export class ModelJobStore implements JobStore {
	readonly #jobs = new TeamMap<Job>();

	/** Throws an Error where there is such a job: ids are not given out twice. */
	async create(job: Job): Promise<void> {
		if (this.#find(job.teamId, job.queue, job.id)) throw new Error(`There is a job ${job.id} already`);
		this.#store(job);
	}

	async get({ queue, jobId }: JobKey): Promise<Job | undefined> {
		return this.#find(queue.teamId, queue.name, jobId);
	}

	async replace(job: Job): Promise<boolean> {
		if (this.#find(job.teamId, job.queue, job.id)?.version !== job.version) return false;
		this.#store({ ...job, version: job.version + 1 });
		return true;
	}

	all(): readonly Job[] {
		return this.#jobs.all();
	}

	/** Deletes jobs that finished a week before `now` (epoch ms) or earlier. */
	prune(now: number): void {
		for (const { teamId, queue, id, finishedAt } of this.#jobs.all())
			if (finishedAt !== undefined && finishedAt + JOB_KEPT_MS <= now)
				this.#jobs.delete(teamId, placeIn(queue, id));
	}

	#find(teamId: string, queue: string, jobId: string): Job | undefined {
		return this.#jobs.get(teamId, placeIn(queue, jobId));
	}

	#store(job: Job): void {
		this.#jobs.set(job.teamId, placeIn(job.queue, job.id), job);
	}
}
