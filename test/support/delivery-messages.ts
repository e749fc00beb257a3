import { type DeliveryMessage, messageFor } from "../../lambda/core/delivery-message.ts";
import { uniqueTask } from "./unique-tasks.ts";

/** The message of a task like no other. */
export const messageDueAt = (dueAt: number, changes: Partial<DeliveryMessage> = {}): DeliveryMessage => ({
	...messageFor(uniqueTask({ dueAt })),
	...changes,
});
