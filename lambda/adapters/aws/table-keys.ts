import { hash } from "node:crypto";
import type { TaskKey } from "../../core/task.ts";
import { parseTaskId, QUEUE_SHARDS, queueHash } from "../../core/task-id.ts";

/** The primary key of an item. */
export type ItemKey = Readonly<{ pk: string; sk: string }>;

/** What the partition key of every task starts with. */
export const TASK_PREFIX = "T#";

const TASK_PARTITION = /^T#(.*)#([0-9A-Z]{6})#([0-7])$/s;

const taskPartition = (teamId: string, queueHashText: string, shard: number): string =>
	`${TASK_PREFIX}${teamId}#${queueHashText}#${shard}`;

/** Where a task is stored, read from its id; undefined when that is no task id. */
export const taskItemKey = ({ teamId, taskId }: TaskKey): ItemKey | undefined => {
	const address = parseTaskId(taskId);
	return address && { pk: taskPartition(teamId, address.queueHash, address.shard), sk: address.ulid };
};

/** Whose task is stored there: the inverse of `taskItemKey`. */
export const taskKeyAt = ({ pk, sk }: ItemKey): TaskKey => {
	const [, teamId = "", queue = "", shard = ""] = TASK_PARTITION.exec(pk) ?? [];
	return { teamId, taskId: `task_${sk}${shard}${queue}` };
};

/** The partitions that hold a team's tasks of these queues: the shards of each, once. */
export const taskPartitions = (teamId: string, queues: readonly string[]): string[] =>
	[...new Set(queues.map(queueHash))].flatMap((queue) =>
		Array.from({ length: QUEUE_SHARDS }, (_, shard) => taskPartition(teamId, queue, shard)),
	);

/** Holds what does not fit into the item of a task. */
export const overflowPartition = (taskId: string): string => `P#${taskId}`;

export const queuePartition = (teamId: string): string => `Q#${teamId}`;

export const apiKeyPartition = (teamId: string): string => `K#${teamId}`;

/** Leads from the SHA-256 of a secret to its API key. */
export const secretItemKey = (secretHash: string): ItemKey => ({ pk: `S#${secretHash}`, sk: "key" });

/** Keys of clients come in any length and are hashed to one. */
export const idempotencyItemKey = (teamId: string, key: string): ItemKey => ({
	pk: `I#${teamId}#${hash("sha256", key, "base64url")}`,
	sk: "first",
});
