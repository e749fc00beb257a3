import * as z from "zod";
import type { QueueKey } from "./queue.ts";
import type { Task } from "./task.ts";
import { isExpired } from "./task-expiry.ts";

/**
 * Work on many tasks of one queue:
 *
 * - `redrive`: failed tasks are put back, with a fresh set of retries.
 * - `cancel`: pending tasks are cancelled.
 * - `purge`: finished tasks of one status are deleted.
 * - `delete`: pending tasks are cancelled, then the queue is removed.
 */
export const JobKind = z.enum(["redrive", "cancel", "purge", "delete"]);
export type JobKind = z.infer<typeof JobKind>;

/** Which tasks a job is about; what is absent does not restrict it. Instants are epoch ms. */
export const JobFilter = z.object({
	status: z.enum(["pending", "completed", "failed", "cancelled"]),
	createdBefore: z.int().optional(),
	/** The last attempt's `error`, or its response code. */
	code: z.string().optional(),
	/** Tasks to change, at most. */
	max: z.int().optional(),
});
export type JobFilter = Readonly<z.infer<typeof JobFilter>>;

/**
 * A bulk job at rest. Instants are epoch ms.
 *
 * - `batch` holds the ids of the tasks in hand: written before any of them is touched, so that whoever goes on after a
 *   crash finishes them first.
 * - `cursor` is where the walk over the tasks goes on after that batch: `WALK_START` at first, absent at its end.
 * - `version` grows with every write; only whoever has read the stored one may replace the job.
 */
export type Job = Readonly<{
	teamId: string;
	queue: string;
	id: string;
	kind: JobKind;
	filter: JobFilter;
	status: "running" | "finished";
	/** Tasks that the job expects to change, counted when it began; null when that would have been too expensive. */
	total: number | null;
	/** Tasks changed so far. */
	changed: number;
	batch: readonly string[];
	cursor?: string | undefined;
	version: number;
	createdAt: number;
	updatedAt: number;
	finishedAt?: number | undefined;
}>;

/** How long a finished job can still be asked about. */
export const JOB_KEPT_MS = 7 * 86_400_000;

/** The cursor of a job that has not looked at any task. */
export const WALK_START = "";

export type JobKey = Readonly<{ queue: QueueKey; jobId: string }>;

const JOB_ID = /^job_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Job ids sort by creation, like their ULIDs. */
export const jobIdFor = (ulid: string): string => `job_${ulid}`;

export const isJobId = (id: string): boolean => JOB_ID.test(id);

/** Tasks that the job may still change. */
export const jobRoom = ({ filter, changed }: Pick<Job, "filter" | "changed">): number =>
	(filter.max ?? Number.POSITIVE_INFINITY) - changed;

/** `code` as a task would have to bear it: the last attempt's `error`, or its response code. */
const hasCode = ({ attempts }: Task, code: string): boolean => {
	const last = attempts.at(-1);
	return last !== undefined && (last.error === code || String(last.responseCode) === code);
};

/** Whether the task had its status when the job began. What a job puts back may fail again: that is not the job's. */
const isOlderThan = (job: Job, { status, createdAt, completedAt }: Task): boolean =>
	status === "pending"
		? createdAt <= job.createdAt
		: completedAt !== undefined && completedAt < job.createdAt;

/** Whether the job is about this task, as it is at `now` (epoch ms). */
export const isMeant = (job: Job, task: Task, now: number): boolean => {
	const { status, createdBefore, code } = job.filter;
	if (task.status !== status || isExpired(task, now)) return false;
	if (createdBefore !== undefined && task.createdAt >= createdBefore) return false;
	if (code !== undefined && !hasCode(task, code)) return false;
	return isOlderThan(job, task);
};
