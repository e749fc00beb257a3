import * as z from "zod";

/** Queue names: 1–64 characters, safe in URLs, logs and group ids. */
export const QueueName = z
	.string()
	.regex(
		/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
		"must be 1-64 letters, digits, dots, underscores or hyphens and start with a letter or digit",
	)
	.meta({ description: "Name of a queue; its first task creates it.", examples: ["emails"] });

export const RetryBackoff = z
	.enum(["exponential", "fixed"])
	.describe(
		"Waits between attempts: doubled each time, from `retry_delay` to `retry_max_delay`, or always the same.",
	);
export type RetryBackoff = z.infer<typeof RetryBackoff>;

export const MaxRetries = z
	.int()
	.min(0)
	.max(20)
	.describe("Retries after the first call: total calls = 1 + `max_retries`.");

export const TimeoutSeconds = z
	.int()
	.min(1)
	.max(120)
	.describe("Seconds for a call, from connect to the last byte of the webhook's answer.");

const DelaySeconds = z.int().min(1).max(86_400);

/** At most `limit` calls start in any `per_seconds`, evenly spread. */
const RateLimit = z.strictObject({
	limit: z.int().min(1).max(10_000).describe("Calls that may start in any `per_seconds`."),
	per_seconds: z.int().min(1).max(86_400).describe("Length of the window, in seconds."),
});
export type RateLimit = Readonly<z.infer<typeof RateLimit>>;

/** Days for which tasks can be asked about after they have finished. */
const RetentionDays = z.int().min(1).max(365);
const CompletedDays = RetentionDays.describe("Days for completed and cancelled tasks.");
const FailedDays = RetentionDays.describe("Days for failed tasks.");

/** Every setting with its rule and its default. Durations in whole seconds unless the name says otherwise. */
const settings = {
	max_retries: MaxRetries.default(3),
	retry_backoff: RetryBackoff.default("exponential"),
	retry_delay: DelaySeconds.describe("Seconds before the first retry.").default(1),
	retry_max_delay: DelaySeconds.describe("Longest wait between two attempts, in seconds.").default(3_600),
	timeout: TimeoutSeconds.default(30),
	rate_limit: RateLimit.nullable()
		.describe("How fast calls may start, evenly spread; null: as fast as they can.")
		.default(null),
	concurrency: z
		.int()
		.min(1)
		.max(1_000)
		.nullable()
		.describe("Calls in flight at the same time, at most; null: no limit.")
		.default(null),
	paused: z.boolean().describe("While true, tasks are accepted and nobody is called.").default(false),
	respect_retry_after: z
		.enum(["task", "queue"])
		.describe("Whether `Retry-After` on 429 or 503 postpones the task that met it or holds the whole queue.")
		.default("task"),
	retention_days: z
		.strictObject({ completed: CompletedDays.default(7), failed: FailedDays.default(30) })
		.describe("For how long finished tasks can be asked about.")
		.prefault({}),
};

/** Delivery policy of a queue, as the API reads and writes it. */
export const QueueSettings = z.strictObject(settings).describe("All settings of a queue.");
export type QueueSettings = Readonly<z.infer<typeof QueueSettings>>;

/** Some settings, none of which has a default: what is not named stays as it is. */
export const QueueSettingsPatch = z
	.strictObject({
		max_retries: settings.max_retries.unwrap().optional(),
		retry_backoff: settings.retry_backoff.unwrap().optional(),
		retry_delay: settings.retry_delay.unwrap().optional(),
		retry_max_delay: settings.retry_max_delay.unwrap().optional(),
		timeout: settings.timeout.unwrap().optional(),
		rate_limit: settings.rate_limit.unwrap().optional(),
		concurrency: settings.concurrency.unwrap().optional(),
		paused: settings.paused.unwrap().optional(),
		respect_retry_after: settings.respect_retry_after.unwrap().optional(),
		retention_days: z
			.strictObject({ completed: CompletedDays.optional(), failed: FailedDays.optional() })
			.describe("For how long finished tasks can be asked about.")
			.optional(),
	})
	.describe("Settings to change.");
export type QueueSettingsPatch = Readonly<z.infer<typeof QueueSettingsPatch>>;

/** Query of `DELETE /v1/queues/{queue}`. */
export const DeleteQueueQuery = z.strictObject({
	force: z
		.enum(["true", "false"])
		.describe("`true` cancels the queue's pending tasks first, by a job; otherwise it has to be empty.")
		.default("false"),
});

/** The policy of a queue that nobody has configured. */
export const defaultQueueSettings: QueueSettings = QueueSettings.parse({});

/** Where a queue lives: a queue is only ever addressed together with its team. */
export type QueueKey = Readonly<{ teamId: string; name: string }>;

/** What the service has noticed about a queue. Instants are epoch milliseconds. */
export type QueueNotes = Readonly<{
	/** When a webhook last took long to answer. */
	slowAt?: number | undefined;
	/** When the queue's webhooks last proved to answer quickly. */
	quickAt?: number | undefined;
}>;

/** A team's queue. Instants are epoch milliseconds; `updatedAt` grows with every change of the settings. */
export type Queue = QueueKey &
	QueueNotes &
	Readonly<{
		settings: QueueSettings;
		createdAt: number;
		updatedAt: number;
		/** No call starts before this instant: a webhook asked for it with `Retry-After`. */
		heldUntil?: number | undefined;
	}>;

/** `settings` with what `patch` names changed. */
export const patchedSettings = (settings: QueueSettings, patch: QueueSettingsPatch): QueueSettings =>
	QueueSettings.parse({
		...settings,
		...patch,
		retention_days: { ...settings.retention_days, ...patch.retention_days },
	});

/** Until when a task of a queue is kept that takes this final status at `completedAt`. Epoch ms. */
export const expiryOf = (
	{ retention_days }: QueueSettings,
	status: "completed" | "failed" | "cancelled",
	completedAt: number,
): number =>
	completedAt + (status === "failed" ? retention_days.failed : retention_days.completed) * 86_400_000;
