import { LEASE_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { Attempt, Task, TaskKey } from "../../lambda/core/task.ts";
import type { AttemptResult, Claim, TaskStore, Transition } from "../../lambda/ports.ts";
import { NOON } from "./unique-tasks.ts";

export const keyOf = ({ teamId, id }: Task): TaskKey => ({ teamId, taskId: id });

/** A claim of the task's next attempt as soon as it is due. */
export const claimOf = (task: Task, changes: Partial<Claim> = {}): Claim => {
	const now = changes.now ?? task.dueAt;
	return { ...keyOf(task), attempt: task.attempt, now, leaseUntil: now + LEASE_SECONDS * 1_000, ...changes };
};

/** The record of a call that was answered with 500. */
export const failedAttempt = (number: number, changes: Partial<Attempt> = {}): Attempt => ({
	number,
	status: "failed",
	responseCode: 500,
	error: "http_500",
	durationMs: 12.5,
	executedAt: NOON,
	responseBody: "Größe ≠ 0 🙈",
	...changes,
});

/** The end of the attempt that a claimed task is in. */
export const resultOf = (
	task: Task,
	next: AttemptResult["next"],
	changes: Partial<Attempt> = {},
): AttemptResult => ({
	...keyOf(task),
	attempt: failedAttempt(task.attempt, changes),
	leaseUntil: task.leaseUntil ?? Number.NaN,
	next,
});

/** The task after a transition that is expected to happen. */
export const done = async (transition: Promise<Transition>): Promise<Task> => {
	const { done: happened, task } = await transition;
	if (!happened) throw new Error(`The transition was refused: the task is ${task?.status ?? "not there"}`);
	return task;
};

/** Takes a task that is not stored yet to its first attempt. */
export const makeActive = async (store: TaskStore, task: Task): Promise<Task> => {
	await store.put(task);
	return done(store.claim(claimOf(task)));
};

/** Takes a task that is not stored yet to its end, after one attempt. */
export const makeFinal = async (
	store: TaskStore,
	task: Task,
	status: "completed" | "failed",
): Promise<Task> => {
	const active = await makeActive(store, task);
	const finish = { completedAt: NOON + 1_000, expiresAt: NOON + 604_801_000 };
	return done(store.recordAttempt(resultOf(active, { status, ...finish })));
};
