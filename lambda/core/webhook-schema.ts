import * as z from "zod";
import { QueueName } from "./queue.ts";
import { TaskViewSchema } from "./task-view-schema.ts";

const { id, payload } = TaskViewSchema.shape;

const digits = (length: number): string => "0".repeat(length);

/** The body of a call to a webhook, as `webhookRequest` writes it. */
export const WebhookBody = z
	.strictObject({
		task_id: id.describe("With `attempt`, identifies the call: it can arrive twice after a crash."),
		queue: QueueName.describe("The task's queue."),
		payload: payload.describe("What the task was created with."),
		attempt: z
			.int()
			.min(1)
			.meta({ description: "Number of the call, from 1.", examples: [1] }),
	})
	.describe("What your webhook receives.");

/** The headers of a call to a webhook, beside those that every request has. */
export const WebhookHeaders = z.strictObject({
	"X-AsyncQueue-Task-Id": id.describe("The task."),
	"X-AsyncQueue-Attempt": z
		.string()
		.regex(/^[1-9][0-9]*$/)
		.meta({ description: "Number of the call, from 1.", examples: ["1"] }),
	"X-AsyncQueue-Signature": z
		.string()
		.regex(/^t=[0-9]+(,v1=[0-9a-f]{64})+$/)
		.meta({
			description:
				"`t` is the time of the call in Unix seconds, `v1` the hex HMAC-SHA256 of `<t>.<raw body>`, keyed with the API key that created the task; two of them while that key is being rotated.",
			examples: [`t=1795448503,v1=${digits(64)}`],
		}),
	"webhook-id": id.describe("The task, where Standard Webhooks libraries look for it."),
	"webhook-timestamp": z
		.string()
		.regex(/^[0-9]+$/)
		.meta({ description: "Time of the call in Unix seconds.", examples: ["1795448503"] }),
	"webhook-signature": z
		.string()
		.regex(/^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$/)
		.meta({
			description:
				"The signature as Standard Webhooks has it; its secret is `whsec_` + base64 of the API key.",
			examples: [`v1,${digits(43)}=`],
		}),
	traceparent: z
		.string()
		.meta({
			description: "W3C Trace Context of the request that created the task, if it had one.",
			examples: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
		})
		.optional(),
});
