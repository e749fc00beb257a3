import { type DeliveryMessage, messageFor } from "../core/delivery-message.ts";
import { dispatchRoute } from "../core/dispatch-route.ts";
import type { Task } from "../core/task.ts";
import type { Ports } from "../ports.ts";

/** Sends each message on its way: to the delivery queue, or to the scheduler when it is due too late for the queue. */
export const dispatch = async (
	{ deliveryQueue, scheduler, clock }: Ports,
	messages: readonly DeliveryMessage[],
): Promise<void> => {
	const now = clock.now();
	const soon: DeliveryMessage[] = [];
	const sends: Promise<void>[] = [];
	for (const message of messages) {
		const route = dispatchRoute(message.due_at, now);
		if (route.via === "queue") soon.push(message);
		else sends.push(scheduler.schedule(message, route.fireAt));
	}
	if (soon.length > 0) sends.push(deliveryQueue.send(soon));
	await Promise.all(sends);
};

/**
 * The message that a task needs, so that another one may go: while a worker makes an attempt, one for when its lease is
 * over, in case it dies; a task that waits for an attempt needs that attempt's, a finished one none.
 */
export const messageNeeded = (task: Task | undefined): DeliveryMessage | undefined => {
	if (task?.status === "active") return { ...messageFor(task), due_at: task.leaseUntil ?? task.dueAt };
	return task?.status === "pending" ? messageFor(task) : undefined;
};

export const sendWhatIsNeeded = async (ports: Ports, task: Task | undefined): Promise<void> => {
	const message = messageNeeded(task);
	if (message) await dispatch(ports, [message]);
};
