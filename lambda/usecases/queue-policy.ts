import { defaultQueueSettings, expiryOf, type Queue, type QueueSettings } from "../core/queue.ts";
import type { Finish, Ports } from "../ports.ts";

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

/** The end of a task that takes this status at `completedAt` (epoch ms), kept for as long as its queue says. */
export const finishOf = (
	settings: QueueSettings,
	status: Parameters<typeof expiryOf>[1],
	completedAt: number,
): Finish => ({ completedAt, expiresAt: expiryOf(settings, status, completedAt) });
