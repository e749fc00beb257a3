import type { ApiErrorCode } from "./errors.ts";

/**
 * The wire's own names and forms: what is sent and received is what the API documents. Instants are ISO 8601 texts in
 * UTC, durations whole seconds unless the name says otherwise.
 */
export type TaskStatus = "pending" | "active" | "completed" | "failed" | "cancelled";

/** One call to the webhook. */
export type Attempt = Readonly<{
	/** From 1; goes on after a manual retry. */
	number: number;
	status: "success" | "failed";
	/** The webhook's HTTP status, or null when it did not answer. */
	response_code: number | null;
	/** Why the attempt failed, such as `timeout`, `connection_refused` or `http_500`. */
	error: string | null;
	duration_ms: number;
	executed_at: string;
	/** The first 1 KiB of the answer, if it is text. */
	response_body: string | null;
}>;

export type Task<Payload = Record<string, unknown>> = Readonly<{
	/** Opaque; sorts by creation. */
	id: string;
	queue: string;
	status: TaskStatus;
	webhook_url: string;
	payload: Payload;
	priority: number;
	delay: number;
	max_retries: number;
	created_at: string;
	/** When it is due, or was last. */
	run_at: string;
	completed_at: string | null;
	attempts: readonly Attempt[];
}>;

/** Body of `POST /v1/tasks`. What is left out comes from the queue's settings. */
export type NewTask<Payload extends object = Record<string, unknown>> = Readonly<{
	/** 1-64 letters, digits, dots, underscores and hyphens. A queue is created by its first task. */
	queue: string;
	/** Absolute http(s) URL. */
	webhook_url: string;
	/** A JSON object of 256 KiB at most. */
	payload?: Payload | undefined;
	/** Seconds, up to a year. Not together with `run_at`. */
	delay?: number | undefined;
	/** ISO 8601 instant; one in the past means now. */
	run_at?: string | undefined;
	/** 1-10, higher first; 5 by default. */
	priority?: number | undefined;
	/** 0-20 */
	max_retries?: number | undefined;
	retry_backoff?: "exponential" | "fixed" | undefined;
	/** Seconds that the webhook may take, 1-120. */
	timeout?: number | undefined;
}>;

/** Query of `GET /v1/tasks`. */
export type TaskQuery = Readonly<{
	queue?: string | undefined;
	status?: TaskStatus | undefined;
	/** Tasks a page, 1-100; 20 by default. */
	limit?: number | undefined;
	/** `next_cursor` of the page before. */
	cursor?: string | undefined;
	/** Tasks to skip after the cursor, up to 1,000. */
	offset?: number | undefined;
}>;

/** Newest first. A page can be short, or empty, though there is more. */
export type TaskPage<Payload = Record<string, unknown>> = Readonly<{
	tasks: readonly Task<Payload>[];
	pagination: Readonly<{ limit: number; has_more: boolean; next_cursor: string | null }>;
}>;

/** One thing that is wrong with a request: where, as a dotted path, and why. */
export type Fault = Readonly<{ path: string; message: string }>;

/** What became of one task of a batch. */
export type BatchResult<Payload = Record<string, unknown>> = Readonly<
	| { status: 201; task: Task<Payload> }
	| {
			status: number;
			error: string;
			/** As of an `AsyncQueueApiError`. */
			code: ApiErrorCode | `http_${number}`;
			errors?: readonly Fault[];
			task?: undefined;
	  }
>;

/** Whether nothing will happen to the task any more, unless somebody retries it. */
export const isFinal = ({ status }: Pick<Task, "status">): boolean =>
	status !== "pending" && status !== "active";
