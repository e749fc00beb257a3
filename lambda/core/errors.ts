/**
 * Every code that a caller can meet, with its HTTP status (RFC 9110) and problem title (RFC 9457).
 * Codes are stable: clients branch on them, so they are never renamed.
 */
export const errorCatalog = {
	malformed_request: { status: 400, title: "Malformed request" },
	malformed_json: { status: 400, title: "Malformed JSON" },
	invalid_request: { status: 400, title: "Invalid request" },
	api_key_required: { status: 401, title: "API key required" },
	invalid_api_key: { status: 401, title: "Invalid API key" },
	route_not_found: { status: 404, title: "No such route" },
	task_not_found: { status: 404, title: "Task not found" },
	queue_not_found: { status: 404, title: "Queue not found" },
	job_not_found: { status: 404, title: "Job not found" },
	api_key_not_found: { status: 404, title: "API key not found" },
	method_not_allowed: { status: 405, title: "Method not allowed" },
	request_timeout: { status: 408, title: "Request timeout" },
	task_not_pending: { status: 409, title: "Task is not pending" },
	task_not_failed: { status: 409, title: "Task has not failed" },
	queue_not_empty: { status: 409, title: "Queue is not empty" },
	api_key_revoked: { status: 409, title: "API key is revoked" },
	too_many_secrets: { status: 409, title: "Too many secrets" },
	body_too_large: { status: 413, title: "Body too large" },
	payload_too_large: { status: 413, title: "Payload too large" },
	unsupported_media_type: { status: 415, title: "Unsupported media type" },
	idempotency_key_reused: { status: 422, title: "Idempotency key reused" },
	rate_limited: { status: 429, title: "Rate limit exceeded" },
	headers_too_large: { status: 431, title: "Request headers too large" },
	internal_error: { status: 500, title: "Internal error" },
	unavailable: { status: 503, title: "Temporarily unavailable" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCatalog;

/** One thing that is wrong with a request: where (dotted path into the body, query or header name) and why. */
export type Fault = Readonly<{ path: string; message: string }>;

type ErrorDetails = Readonly<{
	faults?: readonly Fault[];
	headers?: Readonly<Record<string, string>>;
	cause?: unknown;
}>;

/** The only error that reaches a client as it is; anything else becomes `internal_error` without its text. */
export class AsyncQueueError extends Error {
	override readonly name = "AsyncQueueError";
	readonly code: ErrorCode;
	readonly faults: readonly Fault[];
	/** Response headers that belong to the error, such as `Allow` (RFC 9110 §15.5.6). */
	readonly headers: Readonly<Record<string, string>>;

	constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		this.code = code;
		this.faults = details.faults ?? [];
		this.headers = details.headers ?? {};
	}
}
