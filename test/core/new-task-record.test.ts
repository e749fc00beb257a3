import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewTask } from "../../lambda/core/new-task.ts";
import { serializePayload, taskFrom } from "../../lambda/core/new-task-record.ts";
import { NOW, TASK_ID } from "./a-task.ts";

const newTask = { queue: "emails", webhook_url: "https://example.com/hook", priority: 5 };
const principal = { teamId: "team-a", keyId: "key-1", mode: "live" as const };

const recordOf = (changes: Partial<NewTask> = {}) =>
	taskFrom({ ...newTask, ...changes }, { principal, id: TASK_ID, payload: "{}", createdAt: NOW });

describe("a task as first stored", () => {
	it("waits for its first attempt, due at once", () => {
		expect(recordOf({ max_retries: 2, retry_backoff: "fixed", timeout: 9 })).toEqual({
			...principal,
			id: TASK_ID,
			queue: "emails",
			webhookUrl: "https://example.com/hook",
			payload: "{}",
			priority: 5,
			delay: 0,
			maxRetries: 2,
			retryBackoff: "fixed",
			timeout: 9,
			traceparent: undefined,
			status: "pending",
			attempt: 1,
			attemptsBefore: 0,
			attempts: [],
			createdAt: NOW,
			dueAt: NOW,
		});
	});

	it("is due after its delay", () => {
		expect(recordOf({ delay: 90 })).toMatchObject({ delay: 90, dueAt: NOW + 90_000 });
	});

	it("is due at run_at, whatever its time zone; its delay is then in whole seconds, rounded up", () => {
		expect(recordOf({ run_at: "2026-11-23T13:00:00.500+01:00" })).toMatchObject({
			delay: 1,
			dueAt: NOW + 500,
		});
	});

	it("is due now when run_at is past", () => {
		expect(recordOf({ run_at: "1999-12-31T23:59:59Z" })).toMatchObject({ delay: 0, dueAt: NOW });
	});

	it("is never due before it was created", () => {
		fc.assert(
			fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(8e12) }), (at) => {
				const { dueAt, delay } = recordOf({ run_at: at.toISOString() });
				expect(dueAt).toBe(Math.max(NOW, at.getTime()));
				expect(delay * 1_000).toBeGreaterThanOrEqual(dueAt - NOW);
			}),
		);
	});
});

describe("the text of a payload", () => {
	it("is an empty object when there is none", () => {
		expect(serializePayload()).toBe("{}");
	});

	const payloadOf = (bytes: number, character = "x") => ({
		a: character.repeat((bytes - '{"a":""}'.length) / Buffer.byteLength(character)),
	});

	it.each(["x", "é", "😀"])("may be 256 KiB long, in bytes, and not one character more: %s", (character) => {
		expect(Buffer.byteLength(serializePayload(payloadOf(262_144, character)))).toBe(262_144);
		expect(() => serializePayload(payloadOf(262_144 + 4, character))).toThrow(
			expect.objectContaining({
				code: "payload_too_large",
				message: "payload is 262148 bytes of JSON; the limit is 262144",
			}),
		);
	});
});
