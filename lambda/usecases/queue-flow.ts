import { type Flow, flowOf } from "../core/flow-control.ts";
import { defaultQueueSettings, type Queue, type QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/** A queue as it is, or as it would be if nobody had configured it. */
const orUnconfigured = ({ teamId, name }: QueueKey, queue: Queue | undefined): Queue =>
	queue ?? { teamId, name, settings: defaultQueueSettings, createdAt: 0, updatedAt: 0 };

/** A queue and how its messages are to be handled now. */
type QueueFlow = Readonly<{ queue: Queue; flow: Flow }>;

const withFlow = ({ clock, flowLimits }: Ports, key: QueueKey, stored: Queue | undefined): QueueFlow => {
	const queue = orUnconfigured(key, stored);
	return { queue, flow: flowOf(queue, clock.now(), flowLimits) };
};

/** From what this process remembers of the queue. */
export const queueFlow = async (ports: Ports, key: QueueKey): Promise<QueueFlow> =>
	withFlow(ports, key, await ports.queues.get(key.teamId, key.name));

/** From what is stored. */
export const freshQueueFlow = async (ports: Ports, key: QueueKey): Promise<QueueFlow> =>
	withFlow(ports, key, await ports.queues.getFresh(key.teamId, key.name));
