import { LEASE_SECONDS } from "../core/delivery-limits.ts";
import { type DeliveryMessage, messageFor } from "../core/delivery-message.ts";
import type { Task } from "../core/task.ts";
import { isFinal } from "../core/task-state.ts";
import type { WorkMessage } from "../core/work-message.ts";
import type { Ports } from "../ports.ts";
import { dispatch } from "./dispatch.ts";
import { finishOf, queueSettings } from "./queue-policy.ts";
import { signingSecrets, UnsignableError } from "./signing-secrets.ts";

/** Pause before a task gets another series of receives, so that what fails at once cannot go round in circles at once. */
const PAUSE_MS = 60_000;

/** `resumed`: on its way again. `closed`: failed, for it can never run. `dropped`: nothing is left to do. */
export type DrainResult = "resumed" | "closed" | "dropped";

/** Why the task's deliveries can never be signed, if that is so. What fails for another reason may work later. */
const reasonToClose = async (ports: Ports, { mode, teamId, keyId }: Task): Promise<string | undefined> => {
	if (mode === "test") return undefined;
	try {
		await signingSecrets(ports, teamId, keyId);
		return undefined;
	} catch (error) {
		return error instanceof UnsignableError ? error.reason : undefined;
	}
};

/** The lease under which this attempt of the task may be settled; undefined when somebody else holds it, or it is not due. */
const claimToClose = async ({ tasks, clock }: Ports, task: Task): Promise<number | undefined> => {
	const now = clock.now();
	const leaseUntil = now + LEASE_SECONDS * 1_000;
	const key = { teamId: task.teamId, taskId: task.id };
	const { done } = await tasks.claim({ ...key, attempt: task.attempt, now, leaseUntil });
	return done ? leaseUntil : undefined;
};

/** Fails the task by an attempt that says why. False when its claim does not stand. */
const close = async (ports: Ports, task: Task, leaseUntil: number, reason: string): Promise<boolean> => {
	const { tasks, clock } = ports;
	const settings = await queueSettings(ports, task.teamId, task.queue);
	const now = clock.now();
	const closed = await tasks.recordAttempt({
		teamId: task.teamId,
		taskId: task.id,
		attempt: {
			number: task.attempt,
			status: "failed",
			responseCode: null,
			error: reason,
			durationMs: 0,
			executedAt: now,
			responseBody: null,
		},
		leaseUntil,
		next: { status: "failed", ...finishOf(settings, "failed", now) },
	});
	return closed.done;
};

/** Sends the task's next message, not before a running attempt's lease is over. */
const resume = async (ports: Ports, task: Task): Promise<void> => {
	const earliest = ports.clock.now() + PAUSE_MS;
	const dueAt = Math.max(earliest, task.dueAt, task.leaseUntil ?? 0);
	await dispatch(ports, [{ ...messageFor(task), due_at: dueAt }]);
};

/**
 * Decides about a message that failed too often to be delivered: its task goes on, ends with a reason, or has ended
 * already. Whatever the message says, the task as it stands decides. `leaseUntil` is given by whoever has claimed it.
 */
export const drainMessage = async (
	ports: Ports,
	message: DeliveryMessage,
	leaseUntil?: number,
): Promise<DrainResult> => {
	const task = await ports.tasks.get({ teamId: message.team_id, taskId: message.task_id });
	if (!task || isFinal(task.status)) return "dropped";
	const reason = await reasonToClose(ports, task);
	const lease = reason && (leaseUntil ?? (await claimToClose(ports, task)));
	if (reason && lease && (await close(ports, task, lease, reason))) return "closed";
	await resume(ports, task);
	return "resumed";
};

/**
 * Sends a message about a whole queue again. Nothing has to be looked up: one that comes too often, or too late, finds
 * nothing to do.
 */
export const drainWork = async ({ workQueue, clock }: Ports, message: WorkMessage): Promise<DrainResult> => {
	await workQueue.send([{ ...message, due_at: clock.now() + PAUSE_MS }]);
	return "resumed";
};
