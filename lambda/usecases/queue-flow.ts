import { type Flow, flowOf } from "../core/flow-control.ts";
import { defaultQueueSettings, type Queue, type QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/** A queue as it is, or as it would be if nobody had configured it. */
const orUnconfigured = ({ teamId, name }: QueueKey, queue: Queue | undefined): Queue =>
	queue ?? { teamId, name, settings: defaultQueueSettings, createdAt: 0, updatedAt: 0 };

/** The queue and how its messages are to be handled now, from what this process remembers of it. */
export const queueFlow = async (
	{ queues, clock, flowLimits }: Ports,
	key: QueueKey,
): Promise<Readonly<{ queue: Queue; flow: Flow }>> => {
	const queue = orUnconfigured(key, await queues.get(key.teamId, key.name));
	return { queue, flow: flowOf(queue, clock.now(), flowLimits) };
};

/** The same from what is stored. */
export const freshQueueFlow = async (
	{ queues, clock, flowLimits }: Ports,
	key: QueueKey,
): Promise<Readonly<{ queue: Queue; flow: Flow }>> => {
	const queue = orUnconfigured(key, await queues.getFresh(key.teamId, key.name));
	return { queue, flow: flowOf(queue, clock.now(), flowLimits) };
};
