import type { DeliveryMessage } from "../core/delivery-message.ts";
import { dispatchRoute } from "../core/dispatch-route.ts";
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
