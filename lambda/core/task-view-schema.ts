import * as z from "zod";
import { InstantView } from "./instant.ts";
import { QueueName } from "./queue.ts";
import { TaskStatus } from "./task.ts";
import { WebhookUrl } from "./webhook-url.ts";

/** One call to the webhook as the API shows it. */
export const AttemptViewSchema = z
	.strictObject({
		number: z
			.int()
			.min(1)
			.meta({ description: "Counted from 1; goes on after a retry by hand.", examples: [1] }),
		status: z.enum(["success", "failed"]).describe("Whether the webhook answered 2xx."),
		response_code: z
			.int()
			.nullable()
			.meta({ description: "HTTP status of the answer; null if there was none.", examples: [200] }),
		error: z
			.string()
			.nullable()
			.meta({
				description:
					"Why the attempt failed: `http_500` and the like, `timeout`, `connection_refused`, `tls_error`, `dns_error`, `blocked_address` …; null if it did not.",
				examples: [null],
			}),
		duration_ms: z
			.number()
			.min(0)
			.meta({ description: "Length of the call in milliseconds.", examples: [41.7] }),
		executed_at: InstantView.describe("When the call began."),
		response_body: z
			.string()
			.nullable()
			.meta({ description: "The first 1 KiB of the answer, if it is text.", examples: ["ok"] }),
	})
	.describe("One call to the webhook.");

/** A task as the API shows it. */
export const TaskViewSchema = z
	.strictObject({
		id: z.string().meta({
			description: "Opaque; sorts by creation.",
			examples: ["task_01M84H3ZNHNV02RC6QCBQABY9T25ABN2V"],
		}),
		queue: QueueName,
		status: TaskStatus.meta({ examples: ["completed"] }),
		webhook_url: WebhookUrl.describe("Where the task is POSTed."),
		payload: z
			.record(z.string(), z.unknown())
			.meta({ description: "What the webhook gets, as it was sent.", examples: [{ user: "usr_123" }] }),
		priority: z
			.int()
			.min(1)
			.max(10)
			.meta({ description: "Higher goes first.", examples: [5] }),
		delay: z
			.int()
			.min(0)
			.meta({ description: "Seconds of delay asked for at creation.", examples: [0] }),
		max_retries: z
			.int()
			.min(0)
			.max(20)
			.meta({ description: "Retries in force: the task's own or else its queue's.", examples: [3] }),
		created_at: InstantView.describe("When the task was accepted."),
		run_at: InstantView.describe("When the next attempt is due; of the last one, when the task is finished."),
		completed_at: InstantView.nullable().describe("When the task took its final status; null before."),
		attempts: z.array(AttemptViewSchema).describe("Every call so far, oldest first."),
	})
	.describe("A task and what became of it.");

/** Answer of `GET /v1/tasks`: one page, newest first. */
export const TaskPageView = z
	.strictObject({
		tasks: z.array(TaskViewSchema).describe("Newest first."),
		pagination: z
			.strictObject({
				limit: z
					.int()
					.min(1)
					.max(100)
					.meta({ description: "The limit in force.", examples: [20] }),
				has_more: z.boolean().meta({ description: "Whether there are older tasks.", examples: [false] }),
				next_cursor: z
					.string()
					.nullable()
					.meta({ description: "`cursor` of the next page; null on the last one.", examples: [null] }),
			})
			.describe("Where the page is in the list."),
	})
	.describe("One page of a team's tasks.");
export type TaskPageView = z.infer<typeof TaskPageView>;
