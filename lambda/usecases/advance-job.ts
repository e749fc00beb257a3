import { WORK_SECONDS } from "../core/delivery-limits.ts";
import { isMeant, type Job, jobRoom, WALK_START } from "../core/job.ts";
import type { JobMessage } from "../core/work-message.ts";
import type { Ports } from "../ports.ts";
import { removeQueue } from "./delete-queue.ts";
import { changeBatch } from "./job-changes.ts";
import { sendJob } from "./start-job.ts";

/** What a job does next. An empty batch without a cursor is its end. */
type NextBatch = Pick<Job, "batch" | "cursor">;

const END: NextBatch = { batch: [], cursor: undefined };

const queueOf = ({ teamId, queue }: Job) => ({ teamId, name: queue });

/** Walks on to the next tasks that the job is about, or until `deadline` (epoch ms). */
const nextBatch = async (ports: Ports, job: Job, deadline: number): Promise<NextBatch> => {
	const { clock, tasks } = ports;
	let { cursor } = job;
	const room = jobRoom(job);
	while (cursor !== undefined && room > 0) {
		const from = cursor === WALK_START ? undefined : cursor;
		const page = await tasks.walk(queueOf(job), job.filter.status, from);
		const now = clock.now();
		const meant = page.tasks.filter((task) => isMeant(job, task, now)).map(({ id }) => id);
		// Where not all are taken the page is read again: one of them might turn out not to be there any more.
		const next = meant.length > room ? cursor : page.nextCursor;
		if (meant.length > 0 || now >= deadline) return { batch: meant.slice(0, room), cursor: next };
		cursor = page.nextCursor;
	}
	return END;
};

/** Removes the queue that the job was asked to delete, but not one that was created under its name since. */
const removeOldQueue = async (ports: Ports, job: Job): Promise<void> => {
	const queue = await ports.queues.getFresh(job.teamId, job.queue);
	if (queue === undefined || queue.createdAt <= job.createdAt) await removeQueue(ports, queueOf(job));
};

/** The job after its batch in hand: with the next one written down, or finished. Undefined when another was faster. */
const step = async (ports: Ports, job: Job, deadline: number): Promise<Job | undefined> => {
	const changed = job.changed + (await changeBatch(ports, job));
	const next = await nextBatch(ports, { ...job, changed }, deadline);
	const isEnd = next.batch.length === 0 && next.cursor === undefined;
	if (isEnd && job.kind === "delete") await removeOldQueue(ports, job);
	const updatedAt = ports.clock.now();
	const ahead: Job = {
		...job,
		...next,
		changed,
		updatedAt,
		...(isEnd ? { status: "finished", finishedAt: updatedAt } : {}),
	};
	return (await ports.jobs.replace(ahead)) ? { ...ahead, version: job.version + 1 } : undefined;
};

const logProgress = ({ log }: Ports, { id, kind, queue, status, changed }: Job): void =>
	log.info("job.advanced", { job_id: id, kind, queue, status, changed });

/**
 * Goes on with a bulk job for a minute at most, then asks for the next minute. Resolves when the message has done
 * its work; throws when it must come back. Of two copies at the same time one stops.
 */
export const advanceJob = async (ports: Ports, message: JobMessage): Promise<void> => {
	const { team_id: teamId, queue: name, job_id: jobId } = message;
	let job = await ports.jobs.get({ queue: { teamId, name }, jobId });
	const deadline = ports.clock.now() + WORK_SECONDS * 1_000;
	while (job?.status === "running") {
		job = await step(ports, job, deadline);
		if (!job) return ports.log.debug("job.overtaken", { job_id: jobId });
		// Where stores answer at once, nothing else would be done until the job is.
		await ports.timer.sleep(0);
		if (job.status === "running" && ports.clock.now() < deadline) continue;
		logProgress(ports, job);
		if (job.status === "running") return sendJob(ports, job);
	}
};
