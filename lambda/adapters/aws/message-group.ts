import { hash } from "node:crypto";
import type { DeliveryMessage } from "../../core/delivery-message.ts";

/** What SQS takes as `MessageGroupId` (SendMessage API reference): ASCII letters, digits and punctuation, up to 128. */
const ALLOWED = /^[\x21-\x7e]{1,128}$/;

/**
 * The tenant of a message, as fair queues see it: one noisy queue of one team steps back behind everybody else's.
 * On standard queues a group means no order and no exclusion.
 */
export const messageGroupId = ({ team_id, queue }: Pick<DeliveryMessage, "team_id" | "queue">): string => {
	const group = `${team_id}/${queue}`;
	return ALLOWED.test(group) ? group : hash("sha256", group, "hex");
};
