import type { DeliveryOutcome } from "./delivery-outcome.ts";
import type { QueueSettings, RetryBackoff } from "./queue.ts";
import type { Task } from "./task.ts";

/** A receiver cannot postpone its retry by more than a day with `Retry-After` (contract). */
const MAX_RETRY_AFTER_SECONDS = 86_400;

/** The policy in force for one task: the queue's settings with the task's own overrides on top. Seconds. */
export type RetryPolicy = Readonly<{
	maxRetries: number;
	backoff: RetryBackoff;
	delaySeconds: number;
	maxDelaySeconds: number;
}>;

/** What follows a finished attempt. `dueAt` is epoch ms. */
export type NextStep = Readonly<
	{ event: "succeed" } | { event: "retry_later"; dueAt: number } | { event: "give_up" }
>;

export const retryPolicyFor = (task: Task, settings: QueueSettings): RetryPolicy => ({
	maxRetries: task.maxRetries ?? settings.max_retries,
	backoff: task.retryBackoff ?? settings.retry_backoff,
	delaySeconds: settings.retry_delay,
	maxDelaySeconds: settings.retry_max_delay,
});

/** Seconds before retry `retry` (1 = the first): the base delay, doubled each time if exponential, never above the cap. */
export const backoffSeconds = (policy: RetryPolicy, retry: number): number => {
	const factor = policy.backoff === "exponential" ? 2 ** (retry - 1) : 1;
	return Math.min(policy.delaySeconds * factor, policy.maxDelaySeconds);
};

/** Seconds by which the receiver has asked to be left alone, within the limit; 0 when it has not. */
export const postponementOf = (outcome: DeliveryOutcome): number =>
	outcome.kind === "retryable" ? Math.min(outcome.retryAfterSeconds ?? 0, MAX_RETRY_AFTER_SECONDS) : 0;

/**
 * Decides what follows attempt `task.attempt` that ended at `now` (epoch ms) with `outcome`.
 * `Retry-After` postpones the retry; it never brings it forward.
 */
export const nextStep = (
	task: Task,
	policy: RetryPolicy,
	outcome: DeliveryOutcome,
	now: number,
): NextStep => {
	if (outcome.kind === "delivered") return { event: "succeed" };
	if (outcome.kind === "rejected") return { event: "give_up" };
	const retry = task.attempt - task.attemptsBefore;
	if (retry > policy.maxRetries) return { event: "give_up" };
	const seconds = Math.max(backoffSeconds(policy, retry), postponementOf(outcome));
	return { event: "retry_later", dueAt: now + seconds * 1_000 };
};
