import { describe, expect, it } from "vitest";
import { defaultQueueSettings, type Queue } from "../../lambda/core/queue.ts";
import { countsView, queueView } from "../../lambda/core/queue-view.ts";
import { NOW } from "./a-task.ts";

const queue: Queue = {
	teamId: "team-a",
	name: "emails",
	settings: { ...defaultQueueSettings, rate_limit: { limit: 5, per_seconds: 1 } },
	createdAt: NOW,
	updatedAt: NOW + 1,
	slowAt: NOW,
};

describe("a queue as the API shows it", () => {
	it("has every setting, and nothing that is not the caller's business", () => {
		expect(queueView(queue, NOW)).toEqual({
			name: "emails",
			max_retries: 3,
			retry_backoff: "exponential",
			retry_delay: 1,
			retry_max_delay: 3_600,
			timeout: 30,
			rate_limit: { limit: 5, per_seconds: 1 },
			concurrency: null,
			paused: false,
			respect_retry_after: "task",
			retention_days: { completed: 7, failed: 30 },
			created_at: "2026-11-23T12:00:00.000Z",
			updated_at: "2026-11-23T12:00:00.001Z",
			held_until: null,
		});
	});

	it("shows a hold until it is over", () => {
		const held = { ...queue, heldUntil: NOW + 1_000 };
		expect(queueView(held, NOW).held_until).toBe("2026-11-23T12:00:01.000Z");
		expect(queueView(held, NOW + 1_000).held_until).toBeNull();
	});

	it("counts with the instant of counting", () => {
		const countOf = (count: number, exact: boolean) => ({ count, exact, asOf: NOW });
		const counts = { pending: countOf(1, true), active: countOf(2, true), failed: countOf(3, false) };
		const as_of = "2026-11-23T12:00:00.000Z";
		expect(countsView(counts)).toEqual({
			pending: { count: 1, exact: true, as_of },
			active: { count: 2, exact: true, as_of },
			failed: { count: 3, exact: false, as_of },
		});
	});
});
