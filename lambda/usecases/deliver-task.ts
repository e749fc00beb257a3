import { LEASE_SECONDS } from "../core/delivery-limits.ts";
import { type DeliveryMessage, messageFor } from "../core/delivery-message.ts";
import { attemptRecord, type CallResult, deliveryOutcome } from "../core/delivery-outcome.ts";
import type { QueueSettings } from "../core/queue.ts";
import { type NextStep, nextStep, retryPolicyFor } from "../core/retry-policy.ts";
import type { Attempt, Task } from "../core/task.ts";
import { webhookRequest } from "../core/webhook-request.ts";
import type { AttemptResult, Ports } from "../ports.ts";
import { dispatch } from "./dispatch.ts";
import { queueSettings } from "./queue-policy.ts";
import { signingSecrets } from "./signing-secrets.ts";

/** Thrown when a message must come back later: another worker holds the claim, and might die with it. */
export class ClaimHeldError extends Error {
	override readonly name = "ClaimHeldError";
}

/**
 * A message whose claim was refused. The task may still need one: after a crash between recording a result and
 * sending the next message, this old message is all that is left. A message too many is harmless.
 */
const settleRefused = async (
	ports: Ports,
	message: DeliveryMessage,
	task: Task | undefined,
): Promise<void> => {
	ports.log.debug("delivery.refused", {
		task_id: message.task_id,
		attempt: message.attempt,
		status: task?.status ?? "gone",
	});
	if (task?.status === "active")
		throw new ClaimHeldError(`attempt ${task.attempt} of ${task.id} is in progress elsewhere`);
	if (task?.status === "pending") await dispatch(ports, [messageFor(task)]);
};

const callWebhook = async (ports: Ports, task: Task, settings: QueueSettings): Promise<CallResult> => {
	if (task.mode === "test") return { kind: "not_called", durationMs: 0 };
	const secrets = await signingSecrets(ports, task.teamId, task.keyId);
	return ports.webhooks.call({
		...webhookRequest(task, secrets, ports.clock.now()),
		timeoutMs: (task.timeout ?? settings.timeout) * 1_000,
	});
};

const stateAfter = (step: NextStep, now: number): AttemptResult["next"] => {
	if (step.event === "retry_later") return { status: "pending", dueAt: step.dueAt };
	return { status: step.event === "succeed" ? "completed" : "failed", completedAt: now };
};

const logAttempt = (ports: Ports, task: Task, attempt: Attempt, step: NextStep): void => {
	const level = attempt.status === "success" ? "info" : "warn";
	ports.log[level]("delivery.attempted", {
		task_id: task.id,
		queue: task.queue,
		attempt: attempt.number,
		outcome: attempt.error ?? "delivered",
		duration_ms: attempt.durationMs,
		lag_ms: attempt.executedAt - task.dueAt,
		next: step.event,
		next_due_in_ms: step.event === "retry_later" ? step.dueAt - ports.clock.now() : undefined,
	});
};

/** Records how the attempt ended, then sends what follows: in this order, so that a crash between repeats, never loses. */
const settleAttempt = async (
	ports: Ports,
	task: Task,
	leaseUntil: number,
	attempt: Attempt,
	step: NextStep,
): Promise<void> => {
	const recorded = await ports.tasks.recordAttempt({
		teamId: task.teamId,
		taskId: task.id,
		attempt,
		leaseUntil,
		next: stateAfter(step, ports.clock.now()),
	});
	if (!recorded.done) {
		ports.log.warn("delivery.superseded", { task_id: task.id, attempt: attempt.number });
		return;
	}
	logAttempt(ports, task, attempt, step);
	if (step.event === "retry_later") await dispatch(ports, [messageFor(recorded.task)]);
};

/** Calls the webhook of a claimed task once and settles the result. */
const attemptTask = async (ports: Ports, task: Task, leaseUntil: number): Promise<void> => {
	const executedAt = ports.clock.now();
	const settings = await queueSettings(ports, task.teamId, task.queue);
	const result = await callWebhook(ports, task, settings);
	const now = ports.clock.now();
	const outcome = deliveryOutcome(result, now);
	const attempt = attemptRecord(task.attempt, executedAt, result, outcome);
	const step = nextStep(task, retryPolicyFor(task, settings), outcome, now);
	await settleAttempt(ports, task, leaseUntil, attempt, step);
};

/**
 * Handles one message of the delivery queue: claim → sign → POST → record → retry or finish.
 * Resolves when the message has done its work and may be deleted; throws when it must come back.
 * Early, duplicate and outdated messages are harmless.
 */
export const deliverTask = async (ports: Ports, message: DeliveryMessage): Promise<void> => {
	const now = ports.clock.now();
	if (message.due_at > now) return dispatch(ports, [message]);
	const leaseUntil = now + LEASE_SECONDS * 1_000;
	const claim = await ports.tasks.claim({
		teamId: message.team_id,
		taskId: message.task_id,
		attempt: message.attempt,
		now,
		leaseUntil,
	});
	if (claim.done) await attemptTask(ports, claim.task, leaseUntil);
	else await settleRefused(ports, message, claim.task);
};
