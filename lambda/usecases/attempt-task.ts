import { messageFor } from "../core/delivery-message.ts";
import {
	attemptRecord,
	type CallResult,
	type DeliveryOutcome,
	deliveryOutcome,
} from "../core/delivery-outcome.ts";
import type { Queue, QueueSettings } from "../core/queue.ts";
import { type NextStep, nextStep, postponementOf, retryPolicyFor } from "../core/retry-policy.ts";
import type { Attempt, Task } from "../core/task.ts";
import { nextSpan, SPAN_ID_BYTES, type Span } from "../core/trace-context.ts";
import { webhookRequest } from "../core/webhook-request.ts";
import type { AttemptResult, Ports } from "../ports.ts";
import { dispatch, sendWhatIsNeeded } from "./dispatch.ts";
import { finishOf } from "./queue-policy.ts";
import { signingSecrets } from "./signing-secrets.ts";

/** A task under a claim, and the queue whose policy it follows. */
export type ClaimedTask = Readonly<{
	task: Task;
	leaseUntil: number;
	queue: Queue;
	/** It has waited in line: then it may be late because its queue is limited. */
	parked?: boolean;
}>;

/** Seconds that the webhook of `task` has to answer. */
export const timeoutOf = (task: Task, { settings }: Queue): number => task.timeout ?? settings.timeout;

/** What whoever has claimed an attempt wants to know of its call. */
type CallWatch = Readonly<{
	/** Asked when all is ready and nothing is left between its answer and the call; throws when there must be no call. */
	mayStart: () => Promise<void>;
	/** Told when there is an answer, before it is settled, with the duration of the call in milliseconds. */
	onAnswer: (durationMs: number) => void;
}>;

/** `span` is absent where there was no call, or no trace. */
type Called = Readonly<{ executedAt: number; result: CallResult; span?: Span | undefined }>;

/** Now, as webhooks have it. */
const receiversNow = ({ clock, receiverClock = clock }: Ports): number => receiverClock.now();

const callWebhook = async (
	ports: Ports,
	{ task, queue }: ClaimedTask,
	{ mayStart }: CallWatch,
): Promise<Called> => {
	const isTest = task.mode === "test";
	const secrets = isTest ? [] : await signingSecrets(ports, task.teamId, task.keyId);
	await mayStart();
	const executedAt = ports.clock.now();
	if (isTest) return { executedAt, result: { kind: "not_called", durationMs: 0 } };
	const span = nextSpan(task, () => ports.random.bytes(SPAN_ID_BYTES));
	const result = await ports.webhooks.call({
		...webhookRequest(task, secrets, receiversNow(ports), span),
		timeoutMs: timeoutOf(task, queue) * 1_000,
	});
	return { executedAt, result, span };
};

const stateAfter = (step: NextStep, settings: QueueSettings, now: number): AttemptResult["next"] => {
	if (step.event === "retry_later") return { status: "pending", dueAt: step.dueAt };
	const status = step.event === "succeed" ? "completed" : "failed";
	return { status, ...finishOf(settings, status, now) };
};

/** An attempt that was made, and what follows. */
type MadeAttempt = Readonly<{ attempt: Attempt; step: NextStep; span: Span | undefined }>;

/** One event per attempt, with all that there is to say of it but for what the webhook was sent and has answered. */
const logAttempt = (
	ports: Ports,
	{ task, queue, parked }: ClaimedTask,
	{ attempt, step, span }: MadeAttempt,
): void => {
	const level = attempt.status === "success" ? "info" : "warn";
	ports.log[level]("delivery.attempted", {
		task_id: task.id,
		team_id: task.teamId,
		queue: task.queue,
		attempt: attempt.number,
		max_attempts: task.attemptsBefore + 1 + retryPolicyFor(task, queue.settings).maxRetries,
		parked,
		lag_ms: attempt.executedAt - task.dueAt,
		duration_ms: attempt.durationMs,
		outcome: attempt.error ?? "delivered",
		response_code: attempt.responseCode ?? undefined,
		next: step.event,
		next_due_in_ms: step.event === "retry_later" ? step.dueAt - ports.clock.now() : undefined,
		trace_id: span?.traceId,
		span_id: span?.spanId,
		parent_span_id: span?.parentId,
	});
};

/** Records how the attempt ended, then sends what follows: in this order, so that a crash between repeats, never loses. */
const settleAttempt = async (ports: Ports, claimed: ClaimedTask, made: MadeAttempt): Promise<void> => {
	const { task, leaseUntil, queue } = claimed;
	const { attempt, step } = made;
	const recorded = await ports.tasks.recordAttempt({
		teamId: task.teamId,
		taskId: task.id,
		attempt,
		leaseUntil,
		next: stateAfter(step, queue.settings, ports.clock.now()),
	});
	if (!recorded.done) {
		ports.log.warn("delivery.superseded", { task_id: task.id, attempt: attempt.number });
		// Whoever has taken over may have done so by the message that this call is about to use up.
		return sendWhatIsNeeded(ports, recorded.task);
	}
	logAttempt(ports, claimed, made);
	if (step.event === "retry_later") await dispatch(ports, [messageFor(recorded.task)]);
};

/** Holds the whole queue when its webhook asks for it and its settings allow it. */
const holdQueue = async (
	{ queues }: Ports,
	{ teamId, name, settings }: Queue,
	outcome: DeliveryOutcome,
	now: number,
): Promise<void> => {
	const seconds = postponementOf(outcome);
	if (settings.respect_retry_after === "task" || seconds === 0) return;
	// Calls that were under way at the same time may have been given longer waits: those stand.
	await queues.hold({ teamId, name }, now + seconds * 1_000);
};

/** Calls the webhook of a claimed task once and settles the result. Throws what `mayStart` throws: then there was no call. */
export const attemptTask = async (ports: Ports, claimed: ClaimedTask, watch: CallWatch): Promise<void> => {
	const { task, queue } = claimed;
	const { executedAt, result, span } = await callWebhook(ports, claimed, watch);
	const now = ports.clock.now();
	const outcome = deliveryOutcome(result, receiversNow(ports));
	// Before anybody takes the place of this call to start another.
	await holdQueue(ports, queue, outcome, now);
	watch.onAnswer(result.durationMs);
	const attempt = attemptRecord(task.attempt, executedAt, result, outcome);
	const step = nextStep(task, retryPolicyFor(task, queue.settings), outcome, now);
	await settleAttempt(ports, claimed, { attempt, step, span });
};
