import * as z from "zod";
import { MaxRetries, QueueName, RetryBackoff, TimeoutSeconds } from "./queue.ts";
import { MAX_BATCH_TASKS } from "./task-batch.ts";
import { WebhookUrl } from "./webhook-url.ts";

const MAX_DELAY_SECONDS = 31_536_000;

const isJsonObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Levels of objects and arrays in a payload. `JSON.stringify` recurses: a few KB of brackets would exhaust the stack. */
export const MAX_PAYLOAD_DEPTH = 100;

/** What is wrong inside a payload, or undefined. JSON numbers have no limit, JavaScript's do: beyond is null. */
export const payloadFault = (value: unknown, levels: number): string | undefined => {
	if (typeof value === "number" && !Number.isFinite(value)) return "must not hold numbers beyond 1.8e308";
	if (typeof value !== "object" || value === null) return undefined;
	if (levels === 0) return `must not be nested more than ${MAX_PAYLOAD_DEPTH} levels deep`;
	for (const member of Object.values(value)) {
		const fault = payloadFault(member, levels - 1);
		if (fault !== undefined) return fault;
	}
	return undefined;
};

const Payload = z
	.custom<Record<string, unknown>>(isJsonObject, { error: "must be a JSON object", abort: false })
	.superRefine((payload, context) => {
		const message = payloadFault(payload, MAX_PAYLOAD_DEPTH);
		if (message !== undefined) context.addIssue({ code: "custom", message });
	})
	.meta({
		// A custom check says nothing of its own in a JSON schema.
		type: "object",
		additionalProperties: true,
		description: `What the webhook is to get: a JSON object of up to 256 KiB, at most ${MAX_PAYLOAD_DEPTH} levels deep.`,
		examples: [{ user: "usr_123" }],
	});

/** Body of `POST /v1/tasks`. The payload is passed on untouched, so it is checked but never rebuilt. */
export const NewTask = z
	.strictObject({
		queue: QueueName,
		webhook_url: WebhookUrl,
		payload: Payload.optional(),
		delay: z
			.int()
			.min(0)
			.max(MAX_DELAY_SECONDS)
			.describe("Seconds until the first call; 0 if left out.")
			.optional(),
		run_at: z.iso
			.datetime({ offset: true, error: "must be an ISO 8601 instant" })
			.describe("When to call, instead of `delay`; an instant in the past means now.")
			.optional(),
		priority: z.int().min(1).max(10).describe("Orders the tasks of a queue: higher goes first.").default(5),
		max_retries: MaxRetries.describe("Overrides the queue's setting for this task.").optional(),
		retry_backoff: RetryBackoff.describe("Overrides the queue's setting for this task.").optional(),
		timeout: TimeoutSeconds.describe("Overrides the queue's setting for this task, in seconds.").optional(),
	})
	.refine((task) => task.delay === undefined || task.run_at === undefined, {
		path: ["run_at"],
		message: "cannot be combined with delay",
		// Also when other members are wrong: every fault is to be listed.
		when: ({ value }) => isJsonObject(value),
	})
	.meta({
		description: "A task to create.",
		not: { properties: { delay: {}, run_at: {} }, required: ["delay", "run_at"] },
	});
export type NewTask = z.infer<typeof NewTask>;

const batchOf = <Item extends z.ZodType>(item: Item) =>
	z
		.strictObject({
			tasks: z.array(item).min(1).max(MAX_BATCH_TASKS).describe("Tasks to create; each stands alone."),
		})
		.describe("Up to 100 tasks to create, 4 MiB in all.");

/** Body of `POST /v1/tasks/batch`. Items are validated one by one, so that a bad one does not sink the rest. */
export const NewTaskBatch = batchOf(z.unknown());

/** The same as clients should send it: with nothing but good items. */
export const GoodTaskBatch = batchOf(NewTask);
