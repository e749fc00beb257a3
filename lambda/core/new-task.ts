import * as z from "zod";
import { MaxRetries, QueueName, RetryBackoff, TimeoutSeconds } from "./queue.ts";
import { WebhookUrl } from "./webhook-url.ts";

export const MAX_DELAY_SECONDS = 31_536_000;

const isJsonObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Body of `POST /v1/tasks`. The payload is passed on untouched, so it is checked but never rebuilt. */
export const NewTask = z
	.strictObject({
		queue: QueueName,
		webhook_url: WebhookUrl,
		payload: z.custom<Record<string, unknown>>(isJsonObject, "must be a JSON object").optional(),
		delay: z.int().min(0).max(MAX_DELAY_SECONDS).optional(),
		run_at: z.iso.datetime({ offset: true, error: "must be an ISO 8601 instant" }).optional(),
		priority: z.int().min(1).max(10).default(5),
		max_retries: MaxRetries.optional(),
		retry_backoff: RetryBackoff.optional(),
		timeout: TimeoutSeconds.optional(),
	})
	.refine((task) => task.delay === undefined || task.run_at === undefined, {
		path: ["run_at"],
		message: "cannot be combined with delay",
	});
export type NewTask = z.infer<typeof NewTask>;

/** Body of `POST /v1/tasks/batch`. Items are validated one by one, so that a bad one does not sink the rest. */
export const NewTaskBatch = z.strictObject({ tasks: z.array(z.unknown()).min(1).max(100) });
