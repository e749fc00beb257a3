import { hash } from "node:crypto";
import type { DeliveryMessage } from "../../core/delivery-message.ts";
import type { JobKey } from "../../core/job.ts";
import type { QueueKey } from "../../core/queue.ts";
import type { RequestLimit } from "../../core/request-limit.ts";
import type { TaskKey } from "../../core/task.ts";
import { parseTaskId, QUEUE_SHARDS, queueHash } from "../../core/task-id.ts";
import { lineShard, waitingRank } from "../../core/waiting-rank.ts";

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

/** The partition that holds the tasks of a queue's shard, and of queues whose hash is the same. */
export const shardPartition = ({ teamId, name }: QueueKey, shard: number): string =>
	taskPartition(teamId, queueHash(name), shard);

/** The partitions that hold a team's tasks of these queues: the shards of each, once. */
export const taskPartitions = (teamId: string, queues: readonly string[]): string[] =>
	[...new Set(queues.map(queueHash))].flatMap((queue) =>
		Array.from({ length: QUEUE_SHARDS }, (_, shard) => taskPartition(teamId, queue, shard)),
	);

/** What the partition key of everything that tasks have apart from their items starts with. */
export const OVERFLOW_PREFIX = "P#";

/** Holds what does not fit into the item of a task. */
export const overflowPartition = (taskId: string): string => `${OVERFLOW_PREFIX}${taskId}`;

/** The id of the task whose overflow is in a partition: the inverse of `overflowPartition`. */
export const overflowTaskId = (partition: string): string => partition.slice(OVERFLOW_PREFIX.length);

export const queuePartition = (teamId: string): string => `Q#${teamId}`;

/** One part of a queue's waiting line. Neither names of queues nor shards have a `#`, so no two lines share one. */
export const linePartition = ({ teamId, name }: QueueKey, shard: number): string =>
	`W#${teamId}#${name}#${shard}`;

/** A rank is an instant and some minutes: epoch ms have 13 digits until the year 2286. */
const RANK_DIGITS = 15;

/** Where a message waits: items of a partition are in the order of their ranks. */
export const lineItemKey = (message: DeliveryMessage): ItemKey => ({
	pk: linePartition({ teamId: message.team_id, name: message.queue }, lineShard(message.task_id)),
	sk: `${String(waitingRank(message)).padStart(RANK_DIGITS, "0")}#${message.task_id}#${message.attempt}`,
});

/** Says who works off the waiting line of a queue. */
export const pumpSheetKey = ({ teamId, name }: QueueKey): ItemKey => ({
	pk: `U#${teamId}#${name}`,
	sk: "sheet",
});

/** What the partition key of every job starts with. */
export const JOB_PREFIX = "J#";

const JOB_PARTITION = /^J#(.*)#([^#]*)$/s;

export const jobItemKey = ({ teamId, name }: QueueKey, jobId: string): ItemKey => ({
	pk: `${JOB_PREFIX}${teamId}#${name}`,
	sk: jobId,
});

/** Which job is stored there: the inverse of `jobItemKey`. */
export const jobKeyAt = ({ pk, sk }: ItemKey): JobKey => {
	const [, teamId = "", name = ""] = JOB_PARTITION.exec(pk) ?? [];
	return { queue: { teamId, name }, jobId: sk };
};

/** What the partition key of every API key starts with. */
export const API_KEY_PREFIX = "K#";

export const apiKeyPartition = (teamId: string): string => `${API_KEY_PREFIX}${teamId}`;

/** Leads from the SHA-256 of a secret to its API key. */
export const secretItemKey = (secretHash: string): ItemKey => ({ pk: `S#${secretHash}`, sk: "key" });

/** Keys of clients come in any length and are hashed to one. */
export const idempotencyItemKey = (teamId: string, key: string): ItemKey => ({
	pk: `I#${teamId}#${hash("sha256", key, "base64url")}`,
	sk: "first",
});

/** What a team has asked of the API, under this limit: another one begins anew. */
export const budgetSheetKey = (teamId: string, { requests, seconds }: RequestLimit): ItemKey => ({
	pk: `L#${teamId}`,
	sk: `${requests}/${seconds}`,
});
