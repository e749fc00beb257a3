import type { Queue, QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";
import { getQueue } from "./get-queue.ts";
import { patchQueue } from "./patch-queue.ts";

/** Lets a queue's tasks go on: it is neither paused any more nor held by a webhook. Throws `queue_not_found`. */
export const resumeQueue = async (ports: Ports, key: QueueKey): Promise<Queue> => {
	const { teamId, name } = await getQueue(ports, key);
	// Before the settings: whoever looks after the waiting line because of those finds no hold.
	await ports.queues.endHold({ teamId, name });
	return patchQueue(ports, key, { paused: false });
};
