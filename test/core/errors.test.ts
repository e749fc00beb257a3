import { describe, expect, it } from "vitest";
import * as z from "zod";
import { AsyncQueueError, errorCatalog } from "../../lambda/core/errors.ts";
import { invalidRequest, validate, validateAt } from "../../lambda/core/faults.ts";

describe("an error that a client meets", () => {
	it("has a stable code, and by it a status and a title", () => {
		const error = new AsyncQueueError("task_not_pending", "The task has already run");
		expect(error).toMatchObject({
			name: "AsyncQueueError",
			code: "task_not_pending",
			message: "The task has already run",
			faults: [],
			headers: {},
		});
		expect("cause" in error).toBe(false);
		expect(errorCatalog[error.code]).toEqual({ status: 409, title: "Task is not pending" });
	});

	it("keeps its cause for our log, and headers that belong to it", () => {
		const cause = new Error("throttled");
		const error = new AsyncQueueError("method_not_allowed", "…", { cause, headers: { allow: "GET" } });
		expect(error).toMatchObject({ cause, headers: { allow: "GET" } });
	});

	it("has a code in snake case and a status of 4xx or 5xx", () => {
		for (const [code, { status, title }] of Object.entries(errorCatalog)) {
			expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
			expect(status).toBeGreaterThanOrEqual(400);
			expect(status).toBeLessThan(600);
			expect(title).not.toBe("");
		}
	});
});

describe("an invalid request", () => {
	it("says every fault in one sentence, with its place", () => {
		const error = invalidRequest([
			{ path: "tasks.0.queue", message: "is required" },
			{ path: "", message: "must be an object" },
		]);
		expect(error.message).toBe("tasks.0.queue: is required; must be an object");
		expect(error.faults).toHaveLength(2);
	});

	it("puts the faults of a value outside the body where the value stands", () => {
		expect(validateAt("queue", z.string().min(1), "emails")).toBe("emails");
		expect(() => validateAt("queue", z.string().min(3, "is too short"), "e")).toThrow(
			expect.objectContaining({ faults: [{ path: "queue", message: "is too short" }] }),
		);
	});

	it("lists 30 faults at most, and says that there are more", () => {
		const faults = Array.from({ length: 40 }, (_, index) => ({ path: `p${index}`, message: "is wrong" }));
		expect(invalidRequest(faults.slice(0, 30)).faults).toEqual(faults.slice(0, 30));
		expect(invalidRequest(faults).faults).toEqual([
			...faults.slice(0, 30),
			{ path: "", message: "and more is wrong than is listed" },
		]);
	});

	it("shows the start of a member's name that is very long", () => {
		expect(() => validate(z.strictObject({}), { ["n".repeat(101)]: 1 })).toThrow(
			expect.objectContaining({
				faults: [{ path: `${"n".repeat(100)}…`, message: "is not a known member" }],
			}),
		);
	});

	it("names unknown members one by one, where they are", () => {
		const schema = z.strictObject({ list: z.array(z.strictObject({})) });
		expect(() => validate(schema, { list: [{ a: 1, b: 2 }] })).toThrow(
			expect.objectContaining({
				code: "invalid_request",
				faults: [
					{ path: "list.0.a", message: "is not a known member" },
					{ path: "list.0.b", message: "is not a known member" },
				],
			}),
		);
	});
});
