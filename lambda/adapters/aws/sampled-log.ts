import type { Log } from "../../ports.ts";

/** Of the tasks whose first attempt is delivered, one in so many has its line at level `info`. */
const SAMPLED_TASKS = 8;

/** Crockford's alphabet, in which ULIDs are written: 32 characters. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The last character of the part of an id that is random, and counts up within a millisecond: `task_` and a ULID. */
const SPREAD_AT = "task_".length + 25;

const isSampled = (taskId: unknown): boolean =>
	ALPHABET.indexOf(String(taskId).charAt(SPREAD_AT)) % SAMPLED_TASKS === 0;

/**
 * A log that pays for few lines of the kind that says that all is well: of tasks that are delivered at once, one in
 * eight is written at level `info`, the others at `debug`. Everything else is written as it comes, so of a task with a
 * story every line is there.
 */
export const sampledLog = (log: Log): Log => ({
	...log,
	info: (event, fields) => {
		const isDull = event === "delivery.attempted" && fields["attempt"] === 1;
		log[isDull && !isSampled(fields["task_id"]) ? "debug" : "info"](event, fields);
	},
});
