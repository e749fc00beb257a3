import type * as z from "zod";
import { instant } from "./instant.ts";
import type { Attempt, Task } from "./task.ts";
// The type only: functions that show no task to anybody need not carry the schema.
import type { AttemptViewSchema, TaskViewSchema } from "./task-view-schema.ts";

export type TaskView = Readonly<z.infer<typeof TaskViewSchema>>;

const attemptView = (attempt: Attempt): z.infer<typeof AttemptViewSchema> => ({
	number: attempt.number,
	status: attempt.status,
	response_code: attempt.responseCode,
	error: attempt.error,
	duration_ms: attempt.durationMs,
	executed_at: instant(attempt.executedAt),
	response_body: attempt.responseBody,
});

/** A task as the API shows it. `maxRetries` is the number in force: the task's own or else its queue's. */
export const taskView = (task: Task, maxRetries: number): TaskView => ({
	id: task.id,
	queue: task.queue,
	status: task.status,
	webhook_url: task.webhookUrl,
	payload: JSON.parse(task.payload) as Record<string, unknown>,
	priority: task.priority,
	delay: task.delay,
	max_retries: maxRetries,
	created_at: instant(task.createdAt),
	run_at: instant(task.dueAt),
	completed_at: task.completedAt === undefined ? null : instant(task.completedAt),
	attempts: task.attempts.map(attemptView),
});
