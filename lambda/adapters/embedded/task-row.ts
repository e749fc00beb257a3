import type { SQLInputValue } from "node:sqlite";
import type { Attempt, Task } from "../../core/task.ts";

/** Payloads up to this many characters stay in the row; longer ones would be rewritten with each of its changes. */
const MAX_INLINE_PAYLOAD = 512;

const columns = [
	"team_id",
	"id",
	"key_id",
	"mode",
	"queue",
	"webhook_url",
	"payload",
	"priority",
	"delay",
	"max_retries",
	"retry_backoff",
	"timeout",
	"traceparent",
	"status",
	"attempt",
	"attempts_before",
	"attempts",
	"created_at",
	"due_at",
	"lease_until",
	"completed_at",
	"expires_at",
	"tracestate",
];

/** The columns that `toRow` fills, in its order. */
export const TASK_COLUMNS: string = columns.join();

export const TASK_PLACEHOLDERS: string = columns.map(() => "?").join();

/** What to select for `fromRow`: the payload is fetched from its own table when it is not in the row. */
export const TASK_SELECTION: string = columns
	.map((column) =>
		column === "payload"
			? `coalesce(payload, (SELECT p.payload FROM payloads p WHERE p.team_id = tasks.team_id AND p.task_id = tasks.id))`
			: column,
	)
	.join();

/** A selected row as an array: for this many columns that takes half the time of an object. */
export type TaskRow = readonly [
	teamId: string,
	id: string,
	keyId: string,
	mode: Task["mode"],
	queue: string,
	webhookUrl: string,
	payload: string,
	priority: number,
	delay: number,
	maxRetries: number | null,
	retryBackoff: Task["retryBackoff"] | null,
	timeout: number | null,
	traceparent: string | null,
	status: Task["status"],
	attempt: number,
	attemptsBefore: number,
	attempts: string | null,
	createdAt: number,
	dueAt: number,
	leaseUntil: number | null,
	completedAt: number | null,
	expiresAt: number | null,
	tracestate: string | null,
];

export const hasInlinePayload = (task: Task): boolean => task.payload.length <= MAX_INLINE_PAYLOAD;

/** One attempt as it is stored: attempts are appended to each other, separated by commas. */
export const attemptText = (attempt: Attempt): string => JSON.stringify(attempt);

export const toRow = (task: Task): SQLInputValue[] => [
	task.teamId,
	task.id,
	task.keyId,
	task.mode,
	task.queue,
	task.webhookUrl,
	hasInlinePayload(task) ? task.payload : null,
	task.priority,
	task.delay,
	task.maxRetries ?? null,
	task.retryBackoff ?? null,
	task.timeout ?? null,
	task.traceparent ?? null,
	task.status,
	task.attempt,
	task.attemptsBefore,
	task.attempts.length === 0 ? null : task.attempts.map(attemptText).join(),
	task.createdAt,
	task.dueAt,
	task.leaseUntil ?? null,
	task.completedAt ?? null,
	task.expiresAt ?? null,
	task.tracestate ?? null,
];

export const fromRow = (row: TaskRow): Task => ({
	teamId: row[0],
	id: row[1],
	keyId: row[2],
	mode: row[3],
	queue: row[4],
	webhookUrl: row[5],
	payload: row[6],
	priority: row[7],
	delay: row[8],
	maxRetries: row[9] ?? undefined,
	retryBackoff: row[10] ?? undefined,
	timeout: row[11] ?? undefined,
	traceparent: row[12] ?? undefined,
	status: row[13],
	attempt: row[14],
	attemptsBefore: row[15],
	attempts: row[16] === null ? [] : JSON.parse(`[${row[16]}]`),
	createdAt: row[17],
	dueAt: row[18],
	leaseUntil: row[19] ?? undefined,
	completedAt: row[20] ?? undefined,
	expiresAt: row[21] ?? undefined,
	tracestate: row[22] ?? undefined,
});
