import { CancelRequest, PurgeRequest, RedriveRequest } from "../core/job-request.ts";
import { JobView } from "../core/job-view.ts";
import type { OperationDescription } from "./operation-description.ts";

const started = {
	202: { description: "The job that has begun.", schema: JobView, headers: ["Location"] },
} as const;

/** What there is to say about the operations on many tasks. */
export const jobOperations = {
	redriveQueue: {
		tag: "Bulk jobs",
		summary: "Put failed tasks back",
		description:
			"Gives the failed tasks of a queue a fresh set of retries: all, or those that the body names.",
		body: {
			schema: RedriveRequest,
			examples: {
				all: { summary: "All failed tasks", value: {} },
				some: {
					summary: "Up to 1,000 that failed with HTTP 500",
					value: { code: "http_500", max: 1000, created_before: "2026-11-23T12:00:00Z" },
				},
			},
		},
		answers: started,
		errors: ["queue_not_found"],
	},
	cancelQueue: {
		tag: "Bulk jobs",
		summary: "Cancel pending tasks",
		description: "Cancels the pending tasks of a queue: all, or those that the body names.",
		body: {
			schema: CancelRequest,
			examples: {
				all: { summary: "All pending tasks", value: {} },
				old: { summary: "Those from before noon", value: { created_before: "2026-11-23T12:00:00Z" } },
			},
		},
		answers: started,
		errors: ["queue_not_found"],
	},
	purgeQueue: {
		tag: "Bulk jobs",
		summary: "Delete finished tasks",
		description: "Deletes finished tasks of a queue for good: failed ones, unless the body says otherwise.",
		body: {
			schema: PurgeRequest,
			examples: {
				failed: { summary: "All failed tasks", value: {} },
				completed: { summary: "Completed tasks", value: { status: "completed", max: 500 } },
			},
		},
		answers: started,
		errors: ["queue_not_found"],
	},
	getJob: {
		tag: "Bulk jobs",
		summary: "Get a job",
		description: "How far the job is. It can be asked about for 7 days after it finished.",
		answers: { 200: { description: "The job.", schema: JobView } },
		errors: ["job_not_found"],
	},
} as const satisfies Record<string, OperationDescription>;
