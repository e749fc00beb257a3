import { hash } from "node:crypto";

/** Crockford's base 32, as in ULIDs: sortable, no look-alikes. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PATTERN = /^task_[0-7][0-9A-HJKMNP-TV-Z]{25}[0-7][0-9A-HJKMNP-TV-Z]{6}$/;

/** Shards of one queue's key space: an ever-increasing key is never split by DynamoDB, so we spread it ourselves. */
export const QUEUE_SHARDS = 8;

/** Where a task is stored, readable from its id alone: no index is needed to find it. */
export type TaskAddress = Readonly<{ ulid: string; shard: number; queueHash: string }>;

/** 30 bits of SHA-256 of the queue's name as 6 characters. A collision shares a partition and does no harm. */
export const queueHash = (queue: string): string => {
	const bits = Number.parseInt(hash("sha256", queue, "hex").slice(0, 8), 16) >>> 2;
	let text = "";
	for (let shift = 25; shift >= 0; shift -= 5) text += ALPHABET[(bits >>> shift) & 31];
	return text;
};

/**
 * `task_` + ULID (26) + shard (1) + queue hash (6). Sorts by creation, like its ULID.
 * The shard is taken from the ULID's last character, which is random.
 */
export const taskIdFor = (ulid: string, queue: string): string => {
	const shard = ALPHABET.indexOf(ulid.slice(-1)) % QUEUE_SHARDS;
	return `task_${ulid}${shard}${queueHash(queue)}`;
};

/** The address inside `id`, or undefined when it is no task id. */
export const parseTaskId = (id: string): TaskAddress | undefined => {
	if (!PATTERN.test(id)) return undefined;
	return { ulid: id.slice(5, 31), shard: Number(id[31]), queueHash: id.slice(32) };
};

/** The shard in a task id, 0–7. Throws for what is no task id. */
export const taskShard = (id: string): number => {
	const address = parseTaskId(id);
	if (!address) throw new Error(`${id} is no task id`);
	return address.shard;
};
