import type { Fault } from "./task.ts";

/** Every `code` of the API. */
export type ApiErrorCode =
	| "malformed_request"
	| "malformed_json"
	| "invalid_request"
	| "api_key_required"
	| "invalid_api_key"
	| "route_not_found"
	| "task_not_found"
	| "queue_not_found"
	| "job_not_found"
	| "api_key_not_found"
	| "method_not_allowed"
	| "request_timeout"
	| "task_not_pending"
	| "task_not_failed"
	| "queue_not_empty"
	| "api_key_revoked"
	| "too_many_secrets"
	| "body_too_large"
	| "payload_too_large"
	| "unsupported_media_type"
	| "idempotency_key_reused"
	| "rate_limited"
	| "headers_too_large"
	| "internal_error"
	| "unavailable";

type Details = Readonly<{ cause?: unknown }>;

/** What every error of this client has in common. An aborted call rejects with its signal's reason instead. */
export class AsyncQueueError extends Error {
	override readonly name: string = "AsyncQueueError";
	/** HTTP requests made before giving up. */
	attempts = 1;
	/** Of a create that failed: repeated with this key, it creates nothing twice. */
	idempotencyKey: string | undefined;
}

/** The API refused. */
export class AsyncQueueApiError extends AsyncQueueError {
	override readonly name = "AsyncQueueApiError";
	/** HTTP status. */
	readonly status: number;
	/** Stable: branch on it. `http_<status>` when the answer was not the API's own, as from a proxy. */
	readonly code: ApiErrorCode | `http_${number}`;
	/** Every fault of an invalid request. */
	readonly errors: readonly Fault[];
	/** Helps the operator to find the request in the log. */
	readonly requestId: string | undefined;
	/** How long the API asked to be left alone, in ms. */
	readonly retryAfterMs: number | undefined;

	constructor(response: Pick<Response, "status" | "headers">, body: unknown, now: number) {
		const { error, code, errors } = problemIn(body);
		super(typeof error === "string" ? error : `The API answered ${response.status}`);
		this.status = response.status;
		this.code = typeof code === "string" ? (code as ApiErrorCode) : `http_${response.status}`;
		this.errors = Array.isArray(errors) ? errors : [];
		this.requestId = response.headers.get("x-request-id") ?? undefined;
		this.retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), now);
	}
}

/** No usable answer: whether the request took effect is unknown. `cause` says more. */
export class AsyncQueueConnectionError extends AsyncQueueError {
	override readonly name: string = "AsyncQueueConnectionError";

	constructor(message: string, details?: Details) {
		super(message, details);
	}
}

/** It took longer than `timeoutMs`. */
export class AsyncQueueTimeoutError extends AsyncQueueConnectionError {
	override readonly name = "AsyncQueueTimeoutError";
}

const problemIn = (body: unknown): Readonly<Record<string, unknown>> =>
	typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), as ms from `now` (epoch ms). */
const parseRetryAfter = (value: string | null, now: number): number | undefined => {
	if (value === null) return undefined;
	const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
	return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
};
