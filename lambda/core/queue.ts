import * as z from "zod";

/** Queue names: 1–64 characters, safe in URLs, logs and group ids. */
export const QueueName = z
	.string()
	.regex(
		/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
		"must be 1-64 letters, digits, dots, underscores or hyphens and start with a letter or digit",
	);

export const RetryBackoff = z.enum(["exponential", "fixed"]);
export type RetryBackoff = z.infer<typeof RetryBackoff>;

/** Retries after the first call; total calls = 1 + max_retries. */
export const MaxRetries = z.int().min(0).max(20);

/** Seconds from connect to the last byte of the webhook's answer. */
export const TimeoutSeconds = z.int().min(1).max(120);

const DelaySeconds = z.int().min(1).max(86_400);

/** Delivery policy of a queue, as the API reads and writes it. Durations in whole seconds. */
export const QueueSettings = z.strictObject({
	max_retries: MaxRetries.default(3),
	retry_backoff: RetryBackoff.default("exponential"),
	retry_delay: DelaySeconds.default(1),
	retry_max_delay: DelaySeconds.default(3_600),
	timeout: TimeoutSeconds.default(30),
});
export type QueueSettings = z.infer<typeof QueueSettings>;

/** The policy of a queue that nobody has configured. */
export const defaultQueueSettings: QueueSettings = QueueSettings.parse({});

/** A team's queue. Instants are epoch milliseconds. */
export type Queue = Readonly<{
	teamId: string;
	name: string;
	settings: QueueSettings;
	createdAt: number;
	updatedAt: number;
}>;
