import { Attempt, Task, type TaskStatus } from "../../core/task.ts";
import { itemBytes, WRITE_UNIT_BYTES } from "./item-size.ts";
import type { Item } from "./item-values.ts";
import { recordCodec } from "./record-codec.ts";
import { epochSeconds, overflowExpiresAt } from "./retention.ts";
import { type ItemKey, overflowPartition, taskItemKey, taskKeyAt } from "./table-keys.ts";

/**
 * Bytes left free in a new task's item: a failed attempt with a short answer, then a successful one, and what the
 * transitions set. A task with more attempts than that moves them out (see attempt-pages.ts).
 */
const ROOM_FOR_ATTEMPTS = 250;

/** What is moved out of a task's item until the rest has room: the payload, and then an extraordinarily long URL. */
const LARGE_PARTS = ["payload", "webhook_url"] as const;

export const PAYLOAD_SORT_KEY = "payload";

/** The id and the team are in the key. `expires_at` is the table's own, in seconds. */
const taskCodec = recordCodec(Task.omit({ teamId: true, id: true, attempts: true, expiresAt: true }));
const attemptCodec = recordCodec(Attempt);

const ABSENT_IN_ATTEMPT = { response_code: null, error: null, response_body: null };

export const toAttemptItem = (attempt: Attempt): Item =>
	Object.fromEntries(Object.entries(attemptCodec.toItem(attempt)).filter(([, value]) => value !== null));

const toAttempt = (item: Item): Attempt => attemptCodec.fromItem({ ...ABSENT_IN_ATTEMPT, ...item });

export const attemptsIn = (item: Item): readonly Item[] => (item["attempts"] ?? []) as readonly Item[];

/** What a task's item has in addition while it is finished. `expiresAt` is epoch ms. */
export const finishedAttributes = (
	status: TaskStatus,
	expiresAt: number | undefined,
	ulid: string,
): Item => ({
	expires_at: expiresAt === undefined ? undefined : epochSeconds(expiresAt),
	failed_sk: status === "failed" ? ulid : undefined,
});

/** A task as it is stored: in one item, or in two when its payload is too long. */
export type TaskItems = Readonly<{ item: Item & ItemKey; payloadItem?: (Item & ItemKey) | undefined }>;

/** Throws when the task's id is none. */
export const toTaskItems = (task: Task): TaskItems => {
	const key = taskItemKey({ teamId: task.teamId, taskId: task.id });
	if (!key) throw new Error(`${task.id} is no task id`);
	const item: Item & ItemKey = {
		...taskCodec.toItem(task),
		attempts_before: task.attemptsBefore || undefined,
		attempts: task.attempts.length > 0 ? task.attempts.map(toAttemptItem) : undefined,
		...finishedAttributes(task.status, task.expiresAt, key.sk),
		...key,
	};
	const slim: Record<string, Item[string]> & ItemKey = { ...item };
	const moved: Record<string, Item[string]> = {};
	for (const part of LARGE_PARTS) {
		if (itemBytes(slim) + ROOM_FOR_ATTEMPTS <= WRITE_UNIT_BYTES) break;
		moved[part] = item[part];
		slim[part] = undefined;
	}
	if (moved["payload"] === undefined) return { item };
	const payloadKey = { pk: overflowPartition(task.id), sk: PAYLOAD_SORT_KEY };
	return {
		item: slim,
		payloadItem: {
			...moved,
			team_id: task.teamId,
			expires_at: overflowExpiresAt(task.dueAt),
			...payloadKey,
		},
	};
};

/**
 * The exact instant (epoch ms) behind `expires_at`, whose seconds are rounded up: tasks are kept for whole days, so it
 * has the milliseconds of the instant at which the task finished.
 */
const exactExpiry = ({ expires_at, completed_at }: Item): number | undefined => {
	if (expires_at === undefined) return undefined;
	const tooMuch = (1_000 - (Number(completed_at ?? 0) % 1_000)) % 1_000;
	return Number(expires_at) * 1_000 - tooMuch;
};

/** The task in an item that has all its parts. Throws when it is no task. */
export const toTask = (item: Item): Task => {
	const { teamId, taskId } = taskKeyAt(item as ItemKey);
	const expiresAt = exactExpiry(item);
	return {
		...taskCodec.fromItem({ attempts_before: 0, ...item }),
		...(expiresAt !== undefined && { expiresAt }),
		teamId,
		id: taskId,
		attempts: attemptsIn(item).map(toAttempt),
	};
};
