import { describe, expect, it } from "vitest";
import { attemptRecord, type CallResult, deliveryOutcome } from "../../lambda/core/delivery-outcome.ts";
import { NOW } from "./a-task.ts";

const answered = (status: number, headers: Record<string, string | string[]> = {}): CallResult => ({
	kind: "response",
	status,
	headers,
	body: "ok",
	durationMs: 12.5,
});

describe("the outcome of a call", () => {
	it.each([200, 201, 202, 204, 206, 299])("is delivered for a %i", (status) => {
		expect(deliveryOutcome(answered(status), NOW)).toEqual({ kind: "delivered" });
	});

	it.each([100, 199, 300, 301, 304, 307, 400, 401, 404, 409, 411, 429, 500, 503, 599])(
		"is http_ and the status for a %i",
		(status) => {
			expect(deliveryOutcome(answered(status), NOW)).toEqual({ kind: "retryable", error: `http_${status}` });
		},
	);

	it("is final for a 410", () => {
		const headers = { "retry-after": "90" };
		expect(deliveryOutcome(answered(410, headers), NOW)).toEqual({ kind: "rejected", error: "http_410" });
	});

	it.each(["true", " TRUE ", ["true", "false"]])("is final when X-AsyncQueue-No-Retry is %j", (value) => {
		const headers = { "x-asyncqueue-no-retry": value, "retry-after": "90" };
		expect(deliveryOutcome(answered(503, headers), NOW)).toEqual({ kind: "rejected", error: "no_retry" });
		expect(deliveryOutcome(answered(200, headers), NOW)).toEqual({ kind: "delivered" });
	});

	it.each(["false", "1", "", ["false", "true"]])("is not when it is %j", (value) => {
		const headers = { "x-asyncqueue-no-retry": value };
		expect(deliveryOutcome(answered(500, headers), NOW)).toEqual({ kind: "retryable", error: "http_500" });
	});

	it("is the failure itself when no answer came", () => {
		const result: CallResult = { kind: "failure", failure: "connection_refused", durationMs: 3 };
		expect(deliveryOutcome(result, NOW)).toEqual({ kind: "retryable", error: "connection_refused" });
	});

	it("is delivered when a test key's task was not called", () => {
		expect(deliveryOutcome({ kind: "not_called", durationMs: 0 }, NOW)).toEqual({ kind: "delivered" });
	});

	it.each([429, 503])("waits for Retry-After on a %i", (status) => {
		const headers = { "retry-after": "90" };
		expect(deliveryOutcome(answered(status, headers), NOW)).toMatchObject({ retryAfterSeconds: 90 });
	});

	it.each([301, 413, 500, 502])("does not wait for Retry-After on a %i", (status) => {
		const outcome = deliveryOutcome(answered(status, { "retry-after": "90" }), NOW);
		expect(outcome).toEqual({ kind: "retryable", error: `http_${status}` });
	});

	it("takes the first Retry-After of several", () => {
		const headers = { "retry-after": ["30", "60"] };
		expect(deliveryOutcome(answered(503, headers), NOW)).toMatchObject({ retryAfterSeconds: 30 });
	});

	it("counts a Retry-After date from now", () => {
		const headers = { "retry-after": new Date(NOW + 45_000).toUTCString() };
		expect(deliveryOutcome(answered(503, headers), NOW)).toMatchObject({ retryAfterSeconds: 45 });
	});
});

describe("the record of an attempt", () => {
	const recordOf = (result: CallResult) => attemptRecord(2, NOW, result, deliveryOutcome(result, NOW));

	it("of a success has a code and no error", () => {
		expect(recordOf(answered(201))).toEqual({
			number: 2,
			status: "success",
			responseCode: 201,
			error: null,
			durationMs: 12.5,
			executedAt: NOW,
			responseBody: "ok",
		});
	});

	it("of another answer has a code, an error and the body", () => {
		expect(recordOf(answered(500))).toMatchObject({
			status: "failed",
			responseCode: 500,
			error: "http_500",
			responseBody: "ok",
		});
	});

	it("of no answer has an error only", () => {
		expect(recordOf({ kind: "failure", failure: "timeout", durationMs: 30_000 })).toMatchObject({
			status: "failed",
			responseCode: null,
			error: "timeout",
			durationMs: 30_000,
			responseBody: null,
		});
	});

	it("of a task that was not called is a success without a code", () => {
		expect(recordOf({ kind: "not_called", durationMs: 0 })).toMatchObject({
			status: "success",
			responseCode: null,
			error: null,
			responseBody: null,
		});
	});
});
