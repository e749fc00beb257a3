import type { TaskStatus } from "./task.ts";

/** What can happen to a task. */
export type TaskEvent = "claim" | "release" | "cancel" | "succeed" | "retry_later" | "give_up" | "reopen";

/**
 * The life of a task as data: status → event → next status. What is not listed cannot happen.
 * A lease that ran out lets an `active` task be claimed again, for the same attempt.
 */
const transitions = {
	pending: { claim: "active", cancel: "cancelled" },
	active: {
		claim: "active",
		release: "pending",
		succeed: "completed",
		retry_later: "pending",
		give_up: "failed",
	},
	completed: {},
	failed: { reopen: "pending" },
	cancelled: {},
} as const satisfies Record<TaskStatus, Partial<Record<TaskEvent, TaskStatus>>>;

/** The status after `event`, or undefined when the task's status does not allow it. */
export const nextStatus = (status: TaskStatus, event: TaskEvent): TaskStatus | undefined => {
	const allowed: Partial<Record<TaskEvent, TaskStatus>> = transitions[status];
	return allowed[event];
};

/** True when no delivery will ever be made again unless someone asks for it. */
export const isFinal = (status: TaskStatus): boolean => nextStatus(status, "claim") === undefined;
