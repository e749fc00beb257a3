import { LEASE_SECONDS } from "../core/delivery-limits.ts";
import type { DeliveryMessage } from "../core/delivery-message.ts";
import type { Queue } from "../core/queue.ts";
import type { Task } from "../core/task.ts";
import type { Claim, Ports, Transition } from "../ports.ts";
import { attemptTask, type ClaimedTask, timeoutOf } from "./attempt-task.ts";
import { assertMayStart, CallWithheldError } from "./call-permission.ts";
import { sendWhatIsNeeded } from "./dispatch.ts";
import { watchForSlowness } from "./queue-proof.ts";

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
	await sendWhatIsNeeded(ports, task);
};

/** Claims the attempt that a message is about, for as long as a call can take. */
export const claimAttempt = async (
	{ tasks, clock }: Ports,
	message: DeliveryMessage,
): Promise<Transition & Pick<Claim, "leaseUntil">> => {
	const now = clock.now();
	const leaseUntil = now + LEASE_SECONDS * 1_000;
	const { team_id: teamId, task_id: taskId, attempt } = message;
	return { ...(await tasks.claim({ teamId, taskId, attempt, now, leaseUntil })), leaseUntil };
};

/** Gives an attempt back that was claimed and not called, unless somebody else has taken it over. */
export const releaseClaim = async (
	{ tasks }: Ports,
	{ task, leaseUntil }: Pick<ClaimedTask, "task" | "leaseUntil">,
): Promise<Transition> => {
	const { teamId, id: taskId, attempt } = task;
	return tasks.release({ teamId, taskId, attempt, leaseUntil });
};

/**
 * Handles one due message of a queue that nothing holds back: claim → sign → POST → record → retry or finish. If there
 * must be no POST any more, the claim is given back and the message sent again. Resolves when the message has done its work and may be
 * deleted; throws when it must come back. Duplicate and outdated messages are harmless.
 */
export const deliverTask = async (ports: Ports, message: DeliveryMessage, queue: Queue): Promise<void> => {
	const { done, task, leaseUntil } = await claimAttempt(ports, message);
	if (!done) return settleRefused(ports, message, task);
	const stopWatching = watchForSlowness(ports, queue);
	const timeoutMs = timeoutOf(task, queue) * 1_000;
	const mayStart = () => assertMayStart(ports, queue, { timeoutMs, leaseUntil });
	try {
		await attemptTask(ports, { task, leaseUntil, queue }, { mayStart, onAnswer: stopWatching });
	} catch (error) {
		if (!(error instanceof CallWithheldError)) throw error;
		// Whoever has taken over may have done so by the message that is about to go.
		await sendWhatIsNeeded(ports, (await releaseClaim(ports, { task, leaseUntil })).task);
	} finally {
		stopWatching();
	}
};
