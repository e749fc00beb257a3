import * as z from "zod";
import { RetryBackoff } from "./queue.ts";

export const TaskStatus = z
	.enum(["pending", "active", "completed", "failed", "cancelled"])
	.describe(
		"`pending` (waiting, delayed, or between attempts) → `active` (being called) → `completed` or `failed`; `pending` → `cancelled`.",
	);
export type TaskStatus = z.infer<typeof TaskStatus>;

/** One call to the webhook, as stored. `executedAt` is epoch ms; exactly one of code and error may be null. */
export const Attempt = z.object({
	number: z.int().min(1),
	status: z.enum(["success", "failed"]),
	responseCode: z.int().nullable(),
	error: z.string().nullable(),
	durationMs: z.number().min(0),
	executedAt: z.int(),
	responseBody: z.string().nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

/**
 * A task at rest. Instants are epoch milliseconds, durations whole seconds.
 *
 * - `payload` is the JSON text that is sent, serialized once at creation.
 * - `attempt` is the number of the call in progress (active) or to be made next (pending).
 * - `attemptsBefore` counts the calls before the last manual retry: they do not use up the new set of retries.
 * - `expiresAt` is set on finished tasks: from then on the task may be gone at any time, and is not shown any more.
 * - `traceparent` and `tracestate` are those of the creating request, if they were valid.
 * - `leaseUntil` is set while active and identifies the claim: only its holder may record the result.
 */
export const Task = z.object({
	teamId: z.string(),
	id: z.string(),
	keyId: z.string(),
	mode: z.enum(["live", "test"]),
	queue: z.string(),
	webhookUrl: z.string(),
	payload: z.string(),
	priority: z.int(),
	delay: z.int(),
	maxRetries: z.int().optional(),
	retryBackoff: RetryBackoff.optional(),
	timeout: z.int().optional(),
	traceparent: z.string().optional(),
	tracestate: z.string().optional(),
	status: TaskStatus,
	attempt: z.int(),
	attemptsBefore: z.int(),
	attempts: z.array(Attempt).readonly(),
	createdAt: z.int(),
	dueAt: z.int(),
	leaseUntil: z.int().optional(),
	completedAt: z.int().optional(),
	expiresAt: z.int().optional(),
});
export type Task = Readonly<z.infer<typeof Task>>;

/** Where a task lives: a task is only ever addressed together with its team. */
export type TaskKey = Readonly<{ teamId: string; taskId: string }>;
