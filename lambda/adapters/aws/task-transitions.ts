import type { TaskStatus } from "../../core/task.ts";
import type { AttemptResult, Claim, Finish, Release } from "../../ports.ts";
import type { ItemChange, ItemCondition } from "./item-expressions.ts";
import type { Item } from "./item-values.ts";
import { finishedAttributes } from "./task-item.ts";

const CLAIM_STANDS = "#status = :active AND #attempt = :attempt AND #lease_until = :lease_until";

/** Takes an attempt that is due, or takes it over from a worker whose lease ran out. */
export const claimChange = ({ attempt, now, leaseUntil }: Claim): ItemChange => ({
	condition:
		"#attempt = :attempt AND (#status = :pending AND #due_at <= :now OR #status = :active AND #lease_until <= :now)",
	values: { attempt, now, pending: "pending", active: "active" },
	set: { status: "active", lease_until: leaseUntil },
});

/**
 * Undoes `claimChange`, if that claim still stands. The attempt is set to what it is, so that a repeated request does
 * not take the end of another's attempt for its own effect.
 */
export const releaseChange = ({ attempt, leaseUntil }: Release): ItemChange => ({
	condition: CLAIM_STANDS,
	values: { active: "active", attempt, lease_until: leaseUntil },
	set: { status: "pending", attempt },
	remove: ["lease_until"],
});

const finish = (status: TaskStatus, { completedAt, expiresAt }: Finish, ulid: string): Item => ({
	status,
	completed_at: completedAt,
	...finishedAttributes(status, expiresAt, ulid),
});

/** The state that follows an attempt. */
export const stateAfterAttempt = ({ attempt, next }: AttemptResult, ulid: string): Item =>
	next.status === "pending"
		? { status: "pending", attempt: attempt.number + 1, due_at: next.dueAt }
		: finish(next.status, next, ulid);

/** Ends a claim with `set`, if it still stands. */
export const recordChange = ({ attempt, leaseUntil }: AttemptResult, set: Item): ItemChange => ({
	condition: CLAIM_STANDS,
	values: { active: "active", attempt: attempt.number, lease_until: leaseUntil },
	set,
	remove: ["lease_until"],
});

export const cancelChange = (at: Finish, ulid: string): ItemChange => ({
	condition: "#status = :pending",
	values: { pending: "pending" },
	set: finish("cancelled", at, ulid),
});

/** The last attempt's number is the count of those made. `failedBefore`, if any, is exclusive. */
export const reopenChange = (dueAt: number, failedBefore: number | undefined): ItemChange => ({
	condition:
		failedBefore === undefined ? "#status = :failed" : "#status = :failed AND #completed_at < :failed_before",
	values: { failed: "failed", one: 1, failed_before: failedBefore },
	set: { status: "pending", due_at: dueAt },
	compute: "#attempts_before = #attempt, #attempt = #attempt + :one",
	remove: ["completed_at", "expires_at", "failed_sk"],
});

/** Undoes `reopenChange`: the attempt that was not made is taken off again. */
export const closeChange = (attempt: number, at: Finish, ulid: string): ItemChange => ({
	condition: "#status = :pending AND #attempt = :attempt",
	values: { pending: "pending", attempt },
	set: { ...finish("failed", at, ulid), attempt: attempt - 1 },
});

/** A task that may be deleted for good. */
export const FINISHED: ItemCondition = {
	condition: "#status = :completed OR #status = :failed OR #status = :cancelled",
	values: { completed: "completed", failed: "failed", cancelled: "cancelled" },
};

export const NEVER_ATTEMPTED: ItemCondition = {
	condition: "#status = :pending AND attribute_not_exists(#attempts)",
	values: { pending: "pending" },
};
