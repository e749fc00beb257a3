import { AsyncQueueError } from "../core/errors.ts";
import type { Queue } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/** A team's queue, or `queue_not_found`. */
export const getQueue = async ({ queues }: Ports, teamId: string, name: string): Promise<Queue> => {
	const queue = await queues.get(teamId, name);
	if (!queue) throw new AsyncQueueError("queue_not_found", `There is no queue ${name.slice(0, 64)}`);
	return queue;
};
