import { BatchView } from "../core/batch-view.ts";
import { GoodTaskBatch, NewTask } from "../core/new-task.ts";
import { TaskListQuery } from "../core/task-page.ts";
import { TaskPageView, TaskViewSchema } from "../core/task-view-schema.ts";
import { TaskShowQuery } from "../core/task-wait.ts";
import type { OperationDescription } from "./operation-description.ts";

const hook = "https://example.com/hooks/asyncqueue";

/** What there is to say about the operations on tasks. */
export const taskOperations = {
	createTask: {
		tag: "Tasks",
		summary: "Create a task",
		description:
			"Accepts a task: when it is due it is POSTed, signed, to its webhook, and retried until that answers 2xx. 201 means that it is stored and will reach a final status, whatever crashes.",
		headers: ["Idempotency-Key", "traceparent"],
		body: {
			schema: NewTask,
			examples: {
				now: {
					summary: "At once, with the queue's settings",
					value: { queue: "emails", webhook_url: hook, payload: { user: "usr_123" } },
				},
				delayed: {
					summary: "In ten minutes, before others, with settings of its own",
					value: {
						queue: "emails",
						webhook_url: hook,
						payload: { user: "usr_123" },
						delay: 600,
						priority: 8,
						max_retries: 5,
						retry_backoff: "fixed",
						timeout: 10,
					},
				},
				scheduled: {
					summary: "At an instant",
					value: { queue: "reports", webhook_url: hook, run_at: "2026-12-01T06:00:00Z" },
				},
			},
		},
		answers: {
			201: { description: "The task.", schema: TaskViewSchema, headers: ["Location", "Idempotent-Replayed"] },
		},
		errors: ["payload_too_large", "idempotency_key_reused"],
	},
	createTaskBatch: {
		tag: "Tasks",
		summary: "Create up to 100 tasks",
		description:
			"Every item stands alone: a bad one is refused in its own result and does not sink the rest. An `Idempotency-Key` covers every item.",
		headers: ["Idempotency-Key", "traceparent"],
		body: {
			schema: GoodTaskBatch,
			examples: {
				two: {
					summary: "Two tasks",
					value: {
						tasks: [
							{ queue: "emails", webhook_url: hook, payload: { user: "usr_123" } },
							{ queue: "emails", webhook_url: hook, payload: { user: "usr_456" }, delay: 60 },
						],
					},
				},
			},
		},
		answers: { 200: { description: "One result per item.", schema: BatchView } },
	},
	listTasks: {
		tag: "Tasks",
		summary: "List tasks",
		description: "Newest first. Follow `pagination.next_cursor` for older ones.",
		query: TaskListQuery,
		answers: { 200: { description: "One page.", schema: TaskPageView } },
	},
	getTask: {
		tag: "Tasks",
		summary: "Get a task",
		description:
			"The task with all its attempts. With `wait` the answer comes when its status has changed, or another attempt was made, or after so many seconds.",
		query: TaskShowQuery,
		answers: { 200: { description: "The task.", schema: TaskViewSchema } },
		errors: ["task_not_found"],
	},
	cancelTask: {
		tag: "Tasks",
		summary: "Cancel a task",
		description: "Cancels a pending task. After a 200 its webhook is never called again.",
		answers: { 200: { description: "The task, cancelled.", schema: TaskViewSchema } },
		errors: ["task_not_found", "task_not_pending"],
	},
	retryTask: {
		tag: "Tasks",
		summary: "Retry a failed task",
		description: "Puts a failed task back with a fresh set of retries. Attempt numbers go on.",
		answers: { 200: { description: "The task, pending again.", schema: TaskViewSchema } },
		errors: ["task_not_found", "task_not_failed"],
	},
} as const satisfies Record<string, OperationDescription>;
