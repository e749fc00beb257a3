import { JobView } from "../core/job-view.ts";
import { DeleteQueueQuery, QueueSettings, QueueSettingsPatch } from "../core/queue.ts";
import { QueueListView, QueueStateView, QueueView } from "../core/queue-view.ts";
import type { OperationDescription } from "./operation-description.ts";

const queueAnswer = { 200: { description: "The queue.", schema: QueueView } } as const;

/** What there is to say about the operations on queues. */
export const queueOperations = {
	listQueues: {
		tag: "Queues",
		summary: "List queues",
		description: "All queues of the team with their settings.",
		answers: { 200: { description: "The queues.", schema: QueueListView } },
	},
	getQueue: {
		tag: "Queues",
		summary: "Get a queue",
		description: "The queue with its settings and counts of pending, active and failed tasks.",
		answers: { 200: { description: "The queue.", schema: QueueStateView } },
		errors: ["queue_not_found"],
	},
	putQueue: {
		tag: "Queues",
		summary: "Create a queue or replace its settings",
		description:
			"Settings that are left out take their defaults. Waiting tasks follow the new settings at their next attempt; what a task sets itself stays.",
		body: {
			schema: QueueSettings,
			examples: {
				limited: {
					summary: "At most 10 calls a second, 5 at a time",
					value: { rate_limit: { limit: 10, per_seconds: 1 }, concurrency: 5, timeout: 15 },
				},
				patient: {
					summary: "Ten retries, up to an hour apart",
					value: { max_retries: 10, retry_delay: 30, retry_max_delay: 3600, respect_retry_after: "queue" },
				},
			},
		},
		answers: queueAnswer,
		errors: ["invalid_request"],
	},
	patchQueue: {
		tag: "Queues",
		summary: "Change some settings of a queue",
		description: "Settings that are left out stay as they are.",
		body: {
			schema: QueueSettingsPatch,
			examples: {
				unlimited: { summary: "Lift a limit", value: { rate_limit: null } },
				kept: { summary: "Keep failed tasks for 90 days", value: { retention_days: { failed: 90 } } },
			},
		},
		answers: queueAnswer,
		errors: ["queue_not_found"],
	},
	deleteQueue: {
		tag: "Queues",
		summary: "Delete a queue",
		description:
			"Removes a queue without unfinished tasks. With `force=true` a job cancels its pending tasks first and removes it then.",
		query: DeleteQueueQuery,
		answers: {
			204: { description: "It is gone." },
			202: {
				description: "With `force=true`: the job that does it.",
				schema: JobView,
				headers: ["Location"],
			},
		},
		errors: ["queue_not_found", "queue_not_empty"],
	},
	pauseQueue: {
		tag: "Queues",
		summary: "Pause a queue",
		description:
			"Tasks are accepted and nobody is called. When this answers no call starts any more; calls in flight may finish.",
		answers: queueAnswer,
		errors: ["queue_not_found"],
	},
	resumeQueue: {
		tag: "Queues",
		summary: "Resume a queue",
		description: "Ends a pause, and a hold that a webhook asked for with `Retry-After`.",
		answers: queueAnswer,
		errors: ["queue_not_found"],
	},
} as const satisfies Record<string, OperationDescription>;
