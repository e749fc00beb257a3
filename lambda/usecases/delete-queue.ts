import { AsyncQueueError } from "../core/errors.ts";
import type { QueueKey } from "../core/queue.ts";
import type { TaskStatus } from "../core/task.ts";
import type { Ports } from "../ports.ts";
import { getQueue } from "./get-queue.ts";
import { wakeLine } from "./settings-in-force.ts";

/** Longest search for unfinished tasks: well within the time that callers are given for an answer. */
const SEARCH_MS = 10_000;

const notEmpty = (why: string): AsyncQueueError =>
	new AsyncQueueError(
		"queue_not_empty",
		`${why}; force=true cancels what is pending and then deletes the queue`,
	);

/** Throws `queue_not_empty` when there is a task of this status, or when that could not be found out in time. */
const assertNone = async (
	{ tasks, clock }: Ports,
	key: QueueKey,
	status: TaskStatus,
	deadline: number,
): Promise<void> => {
	let cursor: string | undefined;
	do {
		const page = await tasks.walk(key, status, cursor);
		if (page.tasks.length > 0) throw notEmpty(`The queue has ${status} tasks`);
		if (clock.now() > deadline) throw notEmpty("The queue has too many tasks to look for unfinished ones");
		cursor = page.nextCursor;
	} while (cursor !== undefined);
};

/** Forgets the queue. Messages of finished tasks that are left in its waiting line go with the next look at it. */
export const removeQueue = async (ports: Ports, key: QueueKey): Promise<void> => {
	await ports.queues.remove(key);
	await wakeLine(ports, key);
};

/** Deletes a queue without unfinished tasks. Throws `queue_not_found`, `queue_not_empty`. */
export const deleteQueue = async (ports: Ports, key: QueueKey): Promise<void> => {
	await getQueue(ports, key);
	const deadline = ports.clock.now() + SEARCH_MS;
	await assertNone(ports, key, "pending", deadline);
	await assertNone(ports, key, "active", deadline);
	await removeQueue(ports, key);
};
