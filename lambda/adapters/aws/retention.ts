const DAY_MS = 86_400_000;

/**
 * Days for which the overflow of a task is kept after its due time. It cannot get its expiry when the task finishes,
 * as that would cost as much as writing it again; so it is long enough for what may follow a claim at the due time:
 * 21 calls a day apart (the most that settings and `Retry-After` allow), 14 days in a dead-letter queue, the 30 days
 * of a failed task, and 5 to spare. What takes longer than that is extended by the daily walk.
 */
const OVERFLOW_DAYS = 70;

/** A claim that finds less than this ahead extends it: time for the call, a dead-letter queue and the failed task. */
const OVERFLOW_DAYS_TO_SPARE = 45;

/** Days for which overflow is kept longer than its task. */
const OVERFLOW_DAYS_AFTER_TASK = 5;

/** DynamoDB deletes by the second; rounded up, never before the instant. */
export const epochSeconds = (epochMs: number): number => Math.ceil(epochMs / 1_000);

const inDays = (days: number, now: number): number => epochSeconds(now + days * DAY_MS);

/** When what was moved out of a task due at `dueAt` (epoch ms) may be deleted, in epoch seconds. */
export const overflowExpiresAt = (dueAt: number): number => inDays(OVERFLOW_DAYS, dueAt);

/** Whether overflow that expires then (epoch seconds) might be gone before its task, which is claimed at `now` (epoch ms). */
export const expiresTooSoon = (expiresAt: number, now: number): boolean =>
	expiresAt < inDays(OVERFLOW_DAYS_TO_SPARE, now);

/** Overflow whose task the daily walk looks up: epoch seconds. */
export type EndingOverflow = Readonly<{ after: number; before: number; last: number }>;

/**
 * Two weeks before its end overflow is looked at for two days, and again in its last three, however long a walk takes
 * and should one fail. On every day it would cost three times the reads, for tasks that nearly all have gone before.
 */
export const endingOverflow = (now: number): EndingOverflow => ({
	after: inDays(12, now),
	before: inDays(14, now),
	last: inDays(3, now),
});

/**
 * Until when the overflow of a task has to be kept that expires at `expiresAt`, or is unfinished when that is
 * undefined. Epoch seconds, `now` epoch ms.
 */
export const overflowKeptUntil = (expiresAt: number | undefined, now: number): number => {
	const afterTask = (expiresAt ?? 0) + (OVERFLOW_DAYS_AFTER_TASK * DAY_MS) / 1_000;
	return Math.max(overflowExpiresAt(now), afterTask);
};
