import { describe, expect, it } from "vitest";
import { encodeCursor, TaskListQuery } from "../../lambda/core/task-page.ts";
import { TASK_ID } from "./a-task.ts";

describe("the cursor of a list", () => {
	it("leads back to the task that it was made from", () => {
		expect(TaskListQuery.parse({ cursor: encodeCursor(TASK_ID) }).cursor).toBe(TASK_ID);
	});

	it("is safe in a URL", () => {
		expect(encodeCursor(TASK_ID)).toMatch(/^[\w-]+$/);
	});

	it.each(["", "%", TASK_ID, encodeCursor("task_1"), encodeCursor(`${TASK_ID}/../x`)])(
		"is not %j",
		(cursor) => {
			expect(TaskListQuery.safeParse({ cursor }).error?.issues).toEqual([
				expect.objectContaining({ path: ["cursor"], message: "is not a cursor of this API" }),
			]);
		},
	);
});

describe("the query of a list", () => {
	it("asks for the 20 newest tasks unless it says otherwise", () => {
		expect(TaskListQuery.parse({})).toEqual({ limit: 20, offset: 0 });
	});

	it("takes numbers as text, as they come in a URL", () => {
		const query = { queue: "emails", status: "failed", limit: "100", offset: "1000" };
		expect(TaskListQuery.parse(query)).toEqual({
			queue: "emails",
			status: "failed",
			limit: 100,
			offset: 1_000,
		});
	});

	it.each([
		{ limit: "0" },
		{ limit: "101" },
		{ limit: "ten" },
		{ limit: "" },
		{ offset: "-1" },
		{ offset: "1001" },
		{ offset: "1.5" },
		{ status: "done" },
		{ queue: "a b" },
		{ page: "2" },
	])("is refused: %j", (query) => {
		expect(TaskListQuery.safeParse(query).success).toBe(false);
	});
});
