/** How a queue delivers. Durations are whole seconds. */
export type QueueSettings = Readonly<{
	/** 0-20; total calls = 1 + `max_retries`. */
	max_retries: number;
	retry_backoff: "exponential" | "fixed";
	retry_delay: number;
	retry_max_delay: number;
	/** 1-120, from connect to the last byte of the answer. */
	timeout: number;
	/** At most `limit` calls start in any `per_seconds`. */
	rate_limit: Readonly<{ limit: number; per_seconds: number }> | null;
	/** Calls in flight at the same time. */
	concurrency: number | null;
	paused: boolean;
	/** Whether a webhook's `Retry-After` postpones its task or holds the whole queue. */
	respect_retry_after: "task" | "queue";
	/** Days for which finished tasks can be asked about. */
	retention_days: Readonly<{ completed: number; failed: number }>;
}>;

type Optional<Members> = { readonly [Name in keyof Members]?: Members[Name] | undefined };

/** Some settings: `put` gives the others their defaults, `patch` leaves them as they are. */
export type QueueSettingsInput = Optional<Omit<QueueSettings, "retention_days">> &
	Readonly<{ retention_days?: Optional<QueueSettings["retention_days"]> | undefined }>;

/** Instants are ISO 8601 texts. */
export type Queue = QueueSettings &
	Readonly<{
		name: string;
		created_at: string;
		updated_at: string;
		/** No call starts before: a webhook asked for it with `Retry-After`. */
		held_until: string | null;
	}>;

/** `exact: false` where there are at least so many, counted at `as_of`. */
export type Count = Readonly<{ count: number; exact: boolean; as_of: string }>;

export type QueueWithCounts = Queue &
	Readonly<{ counts: Readonly<Record<"pending" | "active" | "failed", Count>> }>;
