import { type DeliveryMessage, messageFor } from "../core/delivery-message.ts";
import type { Task } from "../core/task.ts";
import type { Ports } from "../ports.ts";
import { dispatch } from "./dispatch.ts";
import { drainMessage } from "./drain-message.ts";

/**
 * What becomes of a message in line whose claim was refused, before it leaves the line. While another worker makes
 * the attempt the message comes back when that worker's lease is over, in case it dies; a task that waits for a later
 * attempt gets another message, a finished one needs none.
 */
export const settleRefusedInLine = async (
	ports: Ports,
	message: DeliveryMessage,
	task: Task | undefined,
): Promise<void> => {
	if (task?.status === "active")
		await dispatch(ports, [{ ...message, due_at: task.leaseUntil ?? message.due_at }]);
	if (task?.status === "pending") await dispatch(ports, [messageFor(task)]);
};

/**
 * What becomes of a message in line that could not be worked on, through a fault of ours: as with a dead letter its
 * task goes on later or is closed, so that the line does not stop at it. `leaseUntil` is that of its claim, if there
 * is one. Throws when that fails as well.
 */
export const settleFailedInLine = async (
	ports: Ports,
	message: DeliveryMessage,
	error: unknown,
	leaseUntil: number | undefined,
): Promise<void> => {
	const result = await drainMessage(ports, message, leaseUntil);
	ports.log.error("pump.message_failed", {
		task_id: message.task_id,
		attempt: message.attempt,
		result,
		error,
	});
};
