import { LEASE_SECONDS } from "../core/delivery-limits.ts";
import { type DeliveryMessage, messageFor } from "../core/delivery-message.ts";
import type { Task } from "../core/task.ts";
import { isFinal } from "../core/task-state.ts";
import type { WorkMessage } from "../core/work-message.ts";
import type { Ports } from "../ports.ts";
import { dispatch } from "./dispatch.ts";
import { finishOf, queueSettings } from "./queue-policy.ts";

/** Pause before a task gets another series of receives, so that what fails at once cannot go round in circles at once. */
const PAUSE_MS = 60_000;

/** `attempts[].error` of a task that was closed because its deliveries cannot be signed any more. */
const SIGNING_KEY_GONE = "signing_key_gone";

/** `resumed`: on its way again. `closed`: failed, for it can never run. `dropped`: nothing is left to do. */
export type DrainResult = "resumed" | "closed" | "dropped";

/** Keys are revoked, never deleted; but a table can be edited or restored, and then every attempt would throw. */
const hasSigningKey = async ({ keys }: Ports, { mode, teamId, keyId }: Task): Promise<boolean> =>
	mode === "test" || (await keys.get(teamId, keyId)) !== undefined;

/** Fails the task by an attempt that says why. False when somebody else holds it, or it is not due yet. */
const close = async (ports: Ports, task: Task): Promise<boolean> => {
	const { tasks, clock } = ports;
	const settings = await queueSettings(ports, task.teamId, task.queue);
	const now = clock.now();
	const key = { teamId: task.teamId, taskId: task.id };
	const leaseUntil = now + LEASE_SECONDS * 1_000;
	const claim = await tasks.claim({ ...key, attempt: task.attempt, now, leaseUntil });
	if (!claim.done) return false;
	const closed = await tasks.recordAttempt({
		...key,
		attempt: {
			number: task.attempt,
			status: "failed",
			responseCode: null,
			error: SIGNING_KEY_GONE,
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
 * already. Whatever the message says, the task as it stands decides.
 */
export const drainMessage = async (ports: Ports, message: DeliveryMessage): Promise<DrainResult> => {
	const task = await ports.tasks.get({ teamId: message.team_id, taskId: message.task_id });
	if (!task || isFinal(task.status)) return "dropped";
	if (!(await hasSigningKey(ports, task)) && (await close(ports, task))) return "closed";
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
