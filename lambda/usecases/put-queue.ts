import type { Queue, QueueKey, QueueSettings } from "../core/queue.ts";
import type { Ports } from "../ports.ts";
import { replaceSettings } from "./patch-queue.ts";
import { putInForce } from "./settings-in-force.ts";

const create = ({ queues, clock }: Ports, key: QueueKey, settings: QueueSettings): Promise<Queue> => {
	const now = clock.now();
	return queues.put({ ...key, settings, createdAt: now, updatedAt: now });
};

/** Creates a queue or replaces its settings; tasks already waiting follow the new ones at their next attempt. */
export const putQueue = async (ports: Ports, key: QueueKey, settings: QueueSettings): Promise<Queue> => {
	const queue = (await replaceSettings(ports, key, () => settings)) ?? (await create(ports, key, settings));
	await putInForce(ports, queue);
	return queue;
};
