import { describe, expect, it } from "vitest";
import { taskView } from "../../lambda/core/task-view.ts";
import { aTask, NOW, TASK_ID } from "./a-task.ts";

describe("a task as the API shows it", () => {
	it("has instants in UTC with milliseconds, and nothing of keys, teams and leases", () => {
		expect(taskView(aTask({ leaseUntil: NOW + 150_000 }), 3)).toEqual({
			id: TASK_ID,
			queue: "emails",
			status: "pending",
			webhook_url: "https://example.com/hook",
			payload: { user: "usr_123" },
			priority: 5,
			delay: 0,
			max_retries: 3,
			created_at: "2026-11-23T12:00:00.000Z",
			run_at: "2026-11-23T12:00:00.000Z",
			completed_at: null,
			attempts: [],
		});
	});

	it("says when it ended, and what every attempt brought", () => {
		const attempt = {
			number: 1,
			status: "failed" as const,
			responseCode: 500,
			error: "http_500",
			durationMs: 12.5,
			executedAt: NOW,
			responseBody: "oops",
		};
		const task = aTask({ status: "failed", completedAt: NOW + 1, attempts: [attempt] });
		expect(taskView(task, 0)).toMatchObject({
			status: "failed",
			completed_at: "2026-11-23T12:00:00.001Z",
			attempts: [
				{
					number: 1,
					status: "failed",
					response_code: 500,
					error: "http_500",
					duration_ms: 12.5,
					executed_at: "2026-11-23T12:00:00.000Z",
					response_body: "oops",
				},
			],
		});
	});
});
