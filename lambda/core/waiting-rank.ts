import type { DeliveryMessage } from "./delivery-message.ts";
import { taskShard } from "./task-id.ts";

/** What one level of priority is worth. */
const LEVEL_MS = 60_000;

const HIGHEST = 10;

/**
 * Where a message stands among those of its queue that are due: the lowest rank goes first. A level of priority is
 * worth a minute of waiting, so within a minute's backlog higher goes first, and a task of the lowest priority is
 * overtaken only by what becomes due within nine minutes after it. (Earliest deadline first, with deadlines given
 * by priority: nothing starves, and the rank never changes, so an index can keep the order.)
 */
export const waitingRank = ({ due_at, priority }: Pick<DeliveryMessage, "due_at" | "priority">): number =>
	due_at + (HIGHEST - priority) * LEVEL_MS;

/** Parts of a queue's waiting line: each may be worked off by a pump of its own, and written to 1,000 times a second. */
export const LINE_SHARDS = 4;

/** The part of the line that a task waits in. Throws for what is no task id. */
export const lineShard = (taskId: string): number => taskShard(taskId) % LINE_SHARDS;
