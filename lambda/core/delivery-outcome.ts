import { parseRetryAfter } from "./retry-after.ts";
import type { Attempt } from "./task.ts";

/** Why a call produced no usable answer. Stable words: they are shown in `attempts[].error`. */
export type CallFailure =
	| "timeout"
	| "connection_refused"
	| "connection_reset"
	| "dns_error"
	| "tls_error"
	| "blocked_address"
	| "invalid_response"
	| "network_error";

/** What came back from a webhook. A failure is a value: only our own faults are exceptions. */
export type CallResult = Readonly<
	| {
			kind: "response";
			status: number;
			/** Header names in lower case. */
			headers: Readonly<Record<string, string | string[] | undefined>>;
			/** The first bytes of the body as text, or null when it is not text. */
			body: string | null;
			durationMs: number;
	  }
	| { kind: "failure"; failure: CallFailure; durationMs: number }
	/** The task belongs to a test key: everything happens but the call. */
	| { kind: "not_called"; durationMs: 0 }
>;

/** `rejected`: the receiver does not want to see the task again. `error` is what `attempts[].error` shows. */
export type DeliveryOutcome = Readonly<
	| { kind: "delivered" }
	| { kind: "retryable"; error: string; retryAfterSeconds?: number | undefined }
	| { kind: "rejected"; error: string }
>;

/** 410 Gone: the target is gone and will not be back (RFC 9110 §15.5.11). */
const GONE = 410;

/** By this header a receiver says of any answer that is no 2xx that there is no point in trying again. */
const NO_RETRY_HEADER = "x-asyncqueue-no-retry";
const NO_RETRY = "no_retry";

/** `Retry-After` is honoured on the two statuses that mean "later", as the contract says. */
const POSTPONING_STATUSES = [429, 503];

const firstValue = (value: string | string[] | undefined): string | undefined =>
	Array.isArray(value) ? value[0] : value;

const outcomeOfRefusal = (
	{ status, headers }: Extract<CallResult, { kind: "response" }>,
	now: number,
): DeliveryOutcome => {
	const error = `http_${status}`;
	if (firstValue(headers[NO_RETRY_HEADER])?.trim().toLowerCase() === "true")
		return { kind: "rejected", error: NO_RETRY };
	if (status === GONE) return { kind: "rejected", error };
	if (!POSTPONING_STATUSES.includes(status)) return { kind: "retryable", error };
	const retryAfterSeconds = parseRetryAfter(firstValue(headers["retry-after"]), now);
	return { kind: "retryable", error, retryAfterSeconds };
};

/** 2xx is delivered; everything else, redirects included, is a failed attempt. `now` is epoch ms. */
export const deliveryOutcome = (result: CallResult, now: number): DeliveryOutcome => {
	if (result.kind === "not_called") return { kind: "delivered" };
	if (result.kind === "failure") return { kind: "retryable", error: result.failure };
	if (result.status >= 200 && result.status <= 299) return { kind: "delivered" };
	return outcomeOfRefusal(result, now);
};

/** The record that is kept of attempt `number`, started at `executedAt` (epoch ms). */
export const attemptRecord = (
	number: number,
	executedAt: number,
	result: CallResult,
	outcome: DeliveryOutcome,
): Attempt => ({
	number,
	status: outcome.kind === "delivered" ? "success" : "failed",
	responseCode: result.kind === "response" ? result.status : null,
	error: outcome.kind === "delivered" ? null : outcome.error,
	durationMs: result.durationMs,
	executedAt,
	responseBody: result.kind === "response" ? result.body : null,
});
