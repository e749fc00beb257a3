import { defaultQueueSettings, type Queue, type QueueSettings } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/** The queue of that name, created with the default settings if it is new. */
export const ensureQueue = async ({ queues, clock }: Ports, teamId: string, name: string): Promise<Queue> => {
	const existing = await queues.get(teamId, name);
	if (existing) return existing;
	const now = clock.now();
	return queues.create({ teamId, name, settings: defaultQueueSettings, createdAt: now, updatedAt: now });
};

/** The settings in force for a queue: the defaults if nobody has configured it. */
export const queueSettings = async (
	{ queues }: Ports,
	teamId: string,
	name: string,
): Promise<QueueSettings> => (await queues.get(teamId, name))?.settings ?? defaultQueueSettings;
