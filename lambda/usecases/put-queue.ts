import type { Queue, QueueSettings } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/** Creates a queue or replaces its settings; tasks already waiting follow the new ones at their next attempt. */
export const putQueue = async (
	{ queues, clock }: Ports,
	teamId: string,
	name: string,
	settings: QueueSettings,
): Promise<Queue> => {
	const now = clock.now();
	return queues.put({ teamId, name, settings, createdAt: now, updatedAt: now });
};
