import { AsyncQueueError } from "../core/errors.ts";
import { type Queue, type QueueKey, QueueName } from "../core/queue.ts";
import type { QueueCounts } from "../core/queue-counts.ts";
import type { Ports } from "../ports.ts";

export const queueNotFound = (name: string): AsyncQueueError =>
	new AsyncQueueError("queue_not_found", `There is no queue ${name.slice(0, 64)}`);

/** A team's queue as it is stored. What cannot be a name is not looked for. */
export const findQueue = async ({ queues }: Ports, { teamId, name }: QueueKey): Promise<Queue | undefined> =>
	QueueName.safeParse(name).success ? queues.getFresh(teamId, name) : undefined;

/** A team's queue as it is stored, or `queue_not_found`. */
export const getQueue = async (ports: Ports, key: QueueKey): Promise<Queue> => {
	const queue = await findQueue(ports, key);
	if (!queue) throw queueNotFound(key.name);
	return queue;
};

/** The queue and how many tasks it has. Throws `queue_not_found`. */
export const getQueueState = async (
	ports: Ports,
	key: QueueKey,
): Promise<Readonly<{ queue: Queue; counts: QueueCounts }>> => ({
	queue: await getQueue(ports, key),
	counts: await ports.tasks.count(key),
});
