import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { ApiKey, ApiKeySecret } from "../../lambda/core/api-key.ts";
import { IdempotencyRecord } from "../../lambda/core/idempotency.ts";
import { JobFilter, JobKind } from "../../lambda/core/job.ts";
import { Attempt, Task } from "../../lambda/core/task.ts";
import { aTask, NOW } from "./a-task.ts";

const attempt: Attempt = {
	number: 1,
	status: "failed",
	responseCode: 500,
	error: "http_500",
	durationMs: 0,
	executedAt: NOW,
	responseBody: "sorry",
};

const task: Required<Task> = {
	...(aTask() as Required<Task>),
	maxRetries: 0,
	retryBackoff: "fixed",
	timeout: 30,
	traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	attempts: [attempt],
	leaseUntil: NOW + 150_000,
	completedAt: NOW,
	expiresAt: NOW + 1,
};

const secret = { hash: "ab12", prefix: "aq_live_0123", ciphertext: "…", expiresAt: NOW };

const key: Required<ApiKey> = {
	teamId: "team-a",
	id: "key_1",
	name: "CI",
	mode: "test",
	secrets: [secret],
	createdAt: NOW,
	lastUsedAt: NOW,
	revokedAt: NOW,
};

const remembered: IdempotencyRecord = {
	teamId: "team-a",
	key: "order-1",
	fingerprint: "cd34",
	taskId: "task_1",
	createdAt: NOW,
	maxRetries: 3,
	expiresAt: NOW + 1,
};

const filter: Required<JobFilter> = { status: "failed", createdBefore: NOW, code: "http_500", max: 3 };

const stored: readonly [string, z.ZodType, object][] = [
	["an attempt", Attempt, attempt],
	["a task", Task, task],
	["the secret of a key", ApiKeySecret, secret],
	["a key", ApiKey, key],
	["what is remembered of a request", IdempotencyRecord, remembered],
	["the filter of a job", JobFilter, filter],
];

describe("a record that comes out of a store", () => {
	it.each(stored)("is %s with every member that went in", (_, schema, record) => {
		expect(schema.parse(record)).toStrictEqual(record);
	});

	it.each(stored)("is not %s when one of its members is of another kind", (_, schema, record) => {
		for (const member of Object.keys(record)) {
			const broken = schema.safeParse({ ...record, [member]: true });
			expect(
				broken.error?.issues.map(({ path }) => path),
				member,
			).toEqual([[member]]);
		}
	});

	it("is no attempt that cannot have been made", () => {
		for (const broken of [{ number: 0 }, { durationMs: -1 }, { status: "delivered" }, { status: "" }])
			expect(Attempt.safeParse({ ...attempt, ...broken }).success).toBe(false);
		expect(Attempt.safeParse({ ...attempt, status: "success", durationMs: 12.5 }).success).toBe(true);
	});

	it("may be in any mode and status that there is, and in no other", () => {
		for (const mode of ["live", "test"]) expect(Task.safeParse({ ...task, mode }).success).toBe(true);
		expect(Task.safeParse({ ...task, mode: "" }).success).toBe(false);
		for (const status of ["pending", "completed", "failed", "cancelled"])
			expect(JobFilter.parse({ status })).toEqual({ status });
		expect(JobFilter.safeParse({ status: "active" }).success).toBe(false);
		expect(JobKind.options).toEqual(["redrive", "cancel", "purge", "delete"]);
	});
});
