/**
 * What the API says, written down from the contract and not from the code, so that the two can disagree.
 * Instants are ISO 8601 texts.
 */
type AttemptView = Readonly<{
	number: number;
	status: "success" | "failed";
	response_code: number | null;
	error: string | null;
	duration_ms: number;
	executed_at: string;
	response_body: string | null;
}>;

export type TaskView = Readonly<{
	id: string;
	queue: string;
	status: "pending" | "active" | "completed" | "failed" | "cancelled";
	webhook_url: string;
	payload: unknown;
	priority: number;
	delay: number;
	max_retries: number;
	created_at: string;
	run_at: string;
	completed_at: string | null;
	attempts: readonly AttemptView[];
}>;

export type TaskListView = Readonly<{
	tasks: readonly TaskView[];
	pagination: { limit: number; has_more: boolean; next_cursor?: string | null };
}>;

export type BatchView = Readonly<{
	results: readonly Readonly<{
		status: number;
		task?: TaskView;
		error?: string;
		code?: string;
		errors?: ProblemView["errors"];
	}>[];
}>;

export type QueueSettingsBody = Readonly<{
	max_retries: number;
	retry_backoff: "exponential" | "fixed";
	retry_delay: number;
	retry_max_delay: number;
	timeout: number;
	rate_limit: Readonly<{ limit: number; per_seconds: number }> | null;
	concurrency: number | null;
	paused: boolean;
	respect_retry_after: "task" | "queue";
	retention_days: Readonly<{ completed?: number; failed?: number }>;
}>;

type CountView = Readonly<{ count: number; exact: boolean; as_of: string }>;

export type QueueView = QueueSettingsBody &
	Readonly<{
		name: string;
		created_at: string;
		updated_at: string;
		held_until: string | null;
		/** Only where a single queue is asked for. */
		counts?: Readonly<Record<"pending" | "active" | "failed", CountView>>;
	}>;

export type JobView = Readonly<{
	id: string;
	kind: "redrive" | "cancel" | "purge" | "delete";
	queue: string;
	status: "running" | "finished";
	filter: Readonly<{
		status: "pending" | "completed" | "failed" | "cancelled";
		created_before: string | null;
		code: string | null;
		max: number | null;
	}>;
	total: number | null;
	changed: number;
	created_at: string;
	updated_at: string;
	finished_at: string | null;
}>;

export type ApiKeyView = Readonly<{ id: string; name: string; mode: "live" | "test"; key: string }>;

export type ApiKeyListView = Readonly<{
	api_keys: readonly Readonly<{ id: string; prefix: string; revoked_at?: string | null; key?: string }>[];
}>;

export type ProblemView = Readonly<{
	type: string;
	title: string;
	status: number;
	detail: string;
	error: string;
	code: string;
	errors?: readonly Readonly<{ path: string; message: string }>[];
}>;

/** What a webhook receives. */
export type WebhookBody = Readonly<{ task_id: string; queue: string; payload: unknown; attempt: number }>;

export type NewTaskBody = Readonly<{
	queue: string;
	webhook_url: string;
	payload?: Record<string, unknown>;
	delay?: number;
	run_at?: string;
	priority?: number;
	max_retries?: number;
	retry_backoff?: "exponential" | "fixed";
	timeout?: number;
}>;
