import { AsyncQueueError } from "../core/errors.ts";
import { type Job, type JobFilter, type JobKey, type JobKind, jobIdFor, WALK_START } from "../core/job.ts";
import { isUnfiltered } from "../core/job-request.ts";
import type { QueueKey } from "../core/queue.ts";
import type { JobMessage } from "../core/work-message.ts";
import type { Ports } from "../ports.ts";
import { getQueue } from "./get-queue.ts";

/** What a job is asked to do. */
export type JobOrder = Readonly<{ kind: JobKind; filter: JobFilter }>;

/** Tasks that the job will change, where counting them is cheap. */
const expectedTotal = async ({ tasks }: Ports, key: QueueKey, filter: JobFilter): Promise<number | null> => {
	const { status, max = Number.POSITIVE_INFINITY } = filter;
	if (!isUnfiltered(filter) || (status !== "pending" && status !== "failed")) return null;
	const { count, exact } = (await tasks.count(key))[status];
	return exact ? Math.min(count, max) : null;
};

/** Asks the work handler to go on with these jobs. */
export const sendJobs = ({ workQueue, clock }: Ports, jobs: readonly JobKey[]): Promise<void> => {
	const messages = jobs.map(
		({ queue, jobId }): JobMessage => ({
			kind: "job",
			team_id: queue.teamId,
			queue: queue.name,
			job_id: jobId,
			due_at: clock.now(),
		}),
	);
	return workQueue.send(messages);
};

/** Asks the work handler to go on with the job. */
export const sendJob = (ports: Ports, { teamId, queue, id }: Job): Promise<void> =>
	sendJobs(ports, [{ queue: { teamId, name: queue }, jobId: id }]);

/**
 * Begins a bulk job: when this resolves it will be done. Throws `queue_not_found`, and `unavailable`: then it is not
 * begun, unless not even that could be put on record; reconciliation begins such a job within a day.
 */
export const startJob = async (ports: Ports, key: QueueKey, { kind, filter }: JobOrder): Promise<Job> => {
	const { teamId, name } = await getQueue(ports, key);
	const total = await expectedTotal(ports, key, filter);
	const now = ports.clock.now();
	const job: Job = {
		teamId,
		queue: name,
		id: jobIdFor(ports.random.ulid(now)),
		kind,
		filter,
		status: "running",
		total,
		changed: 0,
		batch: [],
		cursor: WALK_START,
		version: 0,
		createdAt: now,
		updatedAt: now,
	};
	await ports.jobs.create(job);
	try {
		await sendJob(ports, job);
	} catch (cause) {
		// The message may have been sent all the same: then it finds nothing to do.
		await Promise.allSettled([ports.jobs.replace({ ...job, status: "finished", finishedAt: now })]);
		throw new AsyncQueueError("unavailable", "The job could not be queued; please try again", { cause });
	}
	return job;
};
