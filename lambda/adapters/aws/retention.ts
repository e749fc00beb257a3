import type { TaskStatus } from "../../core/task.ts";

const DAY_MS = 86_400_000;

/** Days for which a finished task can still be asked about, and a failed one be retried. */
const FINISHED_DAYS: Readonly<Partial<Record<TaskStatus, number>>> = {
	completed: 7,
	cancelled: 7,
	failed: 30,
};

/**
 * Days for which the overflow of a task is kept after its due time. It cannot get its expiry when the task finishes,
 * as that would cost as much as writing it again; so it is long enough for what may follow a claim at the due time:
 * 21 calls a day apart (the most that settings and `Retry-After` allow), 14 days in a dead-letter queue, the 30 days
 * of a failed task, and 5 to spare.
 */
const OVERFLOW_DAYS = 70;

/** A claim that finds less than this ahead extends it: time for the call, a dead-letter queue and the failed task. */
const OVERFLOW_DAYS_TO_SPARE = 45;

const epochSeconds = (epochMs: number): number => Math.ceil(epochMs / 1_000);

/** When a task that took its status at `at` (epoch ms) may be deleted, in epoch seconds; never while it is unfinished. */
export const taskExpiresAt = (status: TaskStatus, at: number): number | undefined => {
	const days = FINISHED_DAYS[status];
	return days === undefined ? undefined : epochSeconds(at + days * DAY_MS);
};

/** When what was moved out of a task due at `dueAt` (epoch ms) may be deleted, in epoch seconds. */
export const overflowExpiresAt = (dueAt: number): number => epochSeconds(dueAt + OVERFLOW_DAYS * DAY_MS);

/** Whether overflow that expires then (epoch seconds) might be gone before its task, which is claimed at `now` (epoch ms). */
export const expiresTooSoon = (expiresAt: number, now: number): boolean =>
	expiresAt < epochSeconds(now + OVERFLOW_DAYS_TO_SPARE * DAY_MS);
