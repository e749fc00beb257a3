import type { DeliveryMessage } from "../core/delivery-message.ts";
import type { Ports } from "../ports.ts";
import { drainMessage } from "./drain-message.ts";

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
