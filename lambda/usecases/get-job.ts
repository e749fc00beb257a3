import { AsyncQueueError } from "../core/errors.ts";
import { isJobId, type Job, type JobKey } from "../core/job.ts";
import { QueueName } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/** A job of a team's queue, whether the queue still exists or not. Throws `job_not_found`. */
export const getJob = async ({ jobs }: Ports, key: JobKey): Promise<Job> => {
	const isKey = QueueName.safeParse(key.queue.name).success && isJobId(key.jobId);
	const job = isKey ? await jobs.get(key) : undefined;
	if (!job) throw new AsyncQueueError("job_not_found", `There is no job ${key.jobId.slice(0, 64)}`);
	return job;
};
