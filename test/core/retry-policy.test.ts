import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeliveryOutcome } from "../../lambda/core/delivery-outcome.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import {
	backoffSeconds,
	nextStep,
	postponementOf,
	type RetryPolicy,
	retryPolicyFor,
} from "../../lambda/core/retry-policy.ts";
import { aTask, NOW } from "./a-task.ts";

const policy = (changes: Partial<RetryPolicy> = {}): RetryPolicy => ({
	...retryPolicyFor(aTask(), defaultQueueSettings),
	...changes,
});

const failed = (retryAfterSeconds?: number): DeliveryOutcome => ({
	kind: "retryable",
	error: "http_503",
	retryAfterSeconds,
});

const secondsUntilRetry = (attempt: number, outcome: DeliveryOutcome, changes: Partial<RetryPolicy> = {}) => {
	const step = nextStep(aTask({ attempt }), policy({ maxRetries: 20, ...changes }), outcome, NOW);
	return step.event === "retry_later" ? (step.dueAt - NOW) / 1_000 : step.event;
};

const anyPolicy = fc.record<RetryPolicy>({
	maxRetries: fc.integer({ min: 0, max: 20 }),
	backoff: fc.constantFrom("exponential", "fixed"),
	delaySeconds: fc.integer({ min: 1, max: 86_400 }),
	maxDelaySeconds: fc.integer({ min: 1, max: 86_400 }),
});

describe("a receiver's wish", () => {
	it("to be left alone for good ends the task, whatever retries are left", () => {
		const rejected = { kind: "rejected", error: "http_410" } as const;
		expect(nextStep(aTask(), policy({ maxRetries: 20 }), rejected, NOW)).toEqual({ event: "give_up" });
		expect(postponementOf(rejected)).toBe(0);
	});

	it("to be left alone for a while counts up to a day", () => {
		expect([postponementOf(failed(90)), postponementOf(failed(100_000)), postponementOf(failed())]).toEqual([
			90, 86_400, 0,
		]);
		expect(postponementOf({ kind: "delivered" })).toBe(0);
	});
});

describe("the policy for a task", () => {
	it("is 3 exponential retries from 1 second up to an hour when nobody has configured anything", () => {
		expect(policy()).toEqual({
			maxRetries: 3,
			backoff: "exponential",
			delaySeconds: 1,
			maxDelaySeconds: 3_600,
		});
	});

	it("is its queue's as it is now", () => {
		const settings = {
			...defaultQueueSettings,
			max_retries: 7,
			retry_backoff: "fixed" as const,
			retry_delay: 30,
			retry_max_delay: 60,
		};
		expect(retryPolicyFor(aTask(), settings)).toEqual({
			maxRetries: 7,
			backoff: "fixed",
			delaySeconds: 30,
			maxDelaySeconds: 60,
		});
	});

	it("keeps the task's own overrides, a max_retries of 0 included", () => {
		const task = aTask({ maxRetries: 0, retryBackoff: "fixed" });
		expect(retryPolicyFor(task, defaultQueueSettings)).toMatchObject({ maxRetries: 0, backoff: "fixed" });
	});
});

describe("the wait before a retry", () => {
	it("is 1, 2, 4, 8 seconds and so on when exponential", () => {
		expect([1, 2, 3, 4, 5].map((retry) => backoffSeconds(policy(), retry))).toEqual([1, 2, 4, 8, 16]);
	});

	it("doubles the queue's own base", () => {
		expect([1, 2, 3].map((retry) => backoffSeconds(policy({ delaySeconds: 15 }), retry))).toEqual([
			15, 30, 60,
		]);
	});

	it("is always the base when fixed", () => {
		const fixed = policy({ backoff: "fixed", delaySeconds: 10 });
		expect([1, 2, 3, 20].map((retry) => backoffSeconds(fixed, retry))).toEqual([10, 10, 10, 10]);
	});

	it("is never more than the cap, a base above it included", () => {
		expect(backoffSeconds(policy(), 13)).toBe(3_600);
		expect(backoffSeconds(policy({ delaySeconds: 100, maxDelaySeconds: 60 }), 1)).toBe(60);
	});

	it("never shrinks from one retry to the next, and stays within base and cap", () => {
		fc.assert(
			fc.property(anyPolicy, fc.integer({ min: 1, max: 20 }), (any, retry) => {
				const seconds = backoffSeconds(any, retry);
				expect(seconds).toBeLessThanOrEqual(any.maxDelaySeconds);
				expect(seconds).toBeGreaterThanOrEqual(Math.min(any.delaySeconds, any.maxDelaySeconds));
				expect(backoffSeconds(any, retry + 1)).toBeGreaterThanOrEqual(seconds);
			}),
		);
	});
});

describe("after an attempt", () => {
	it("that was delivered, the task has succeeded", () => {
		expect(nextStep(aTask(), policy(), { kind: "delivered" }, NOW)).toEqual({ event: "succeed" });
		expect(nextStep(aTask({ attempt: 21 }), policy(), { kind: "delivered" }, NOW)).toEqual({
			event: "succeed",
		});
	});

	it("that failed, the next one follows after the backoff, counted from the end of the call", () => {
		expect([1, 2, 3, 4].map((attempt) => secondsUntilRetry(attempt, failed()))).toEqual([1, 2, 4, 8]);
	});

	it("that used up the last retry, the task has failed", () => {
		expect([3, 4, 5].map((attempt) => secondsUntilRetry(attempt, failed(), { maxRetries: 3 }))).toEqual([
			4,
			"give_up",
			"give_up",
		]);
	});

	it("with max_retries 0, there is no second one", () => {
		expect(secondsUntilRetry(1, failed(), { maxRetries: 0 })).toBe("give_up");
	});

	it("a webhook that always fails has been called 1 + max_retries times, whatever came before a manual retry", () => {
		fc.assert(
			fc.property(anyPolicy, fc.integer({ min: 0, max: 100 }), (any, attemptsBefore) => {
				let attempt = attemptsBefore + 1;
				while (nextStep(aTask({ attempt, attemptsBefore }), any, failed(), NOW).event === "retry_later") {
					attempt += 1;
				}
				expect(attempt - attemptsBefore).toBe(1 + any.maxRetries);
			}),
		);
	});

	it("of a task that was retried by hand, the backoff starts over", () => {
		const task = aTask({ attempt: 5, attemptsBefore: 4 });
		expect(nextStep(task, policy(), failed(), NOW)).toEqual({ event: "retry_later", dueAt: NOW + 1_000 });
	});
});

describe("Retry-After", () => {
	it("postpones the retry when it asks for more than the backoff", () => {
		expect(secondsUntilRetry(1, failed(120))).toBe(120);
	});

	it("never brings the retry forward", () => {
		expect(secondsUntilRetry(4, failed(3))).toBe(8);
		expect(secondsUntilRetry(4, failed(0))).toBe(8);
	});

	it("may exceed the queue's own cap, but not a day", () => {
		expect(secondsUntilRetry(1, failed(7_200), { maxDelaySeconds: 60 })).toBe(7_200);
		expect(secondsUntilRetry(1, failed(86_401))).toBe(86_400);
		expect(secondsUntilRetry(1, failed(Number.POSITIVE_INFINITY))).toBe(86_400);
	});

	it("gives no additional retries", () => {
		expect(secondsUntilRetry(2, failed(5), { maxRetries: 1 })).toBe("give_up");
	});

	it("leads to a retry between the backoff and a day after it, whatever it says", () => {
		fc.assert(
			fc.property(anyPolicy, fc.double({ min: 0, noNaN: true }), (any, asked) => {
				const seconds = secondsUntilRetry(1, failed(asked), { ...any, maxRetries: 1 });
				expect(seconds).toBeGreaterThanOrEqual(backoffSeconds(any, 1));
				expect(seconds).toBeLessThanOrEqual(86_400);
			}),
		);
	});
});
