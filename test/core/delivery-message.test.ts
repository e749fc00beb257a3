import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeliveryMessage, messageFor } from "../../lambda/core/delivery-message.ts";
import { dispatchRoute } from "../../lambda/core/dispatch-route.ts";
import { aTask, NOW, TASK_ID } from "./a-task.ts";

describe("the message for a task", () => {
	it("says which attempt is due when, and nothing of what is in the task", () => {
		const message = messageFor(aTask({ attempt: 3, dueAt: NOW + 4_000, priority: 9 }));
		expect(message).toEqual({
			team_id: "team-a",
			task_id: TASK_ID,
			queue: "emails",
			priority: 9,
			attempt: 3,
			due_at: NOW + 4_000,
		});
		expect(DeliveryMessage.parse(JSON.parse(JSON.stringify(message)))).toEqual(message);
	});

	it.each([
		{},
		{ team_id: "" },
		{ attempt: 0 },
		{ attempt: "1" },
		{ priority: 11 },
		{ due_at: -1 },
		{ due_at: 1.5 },
		{ task_id: undefined },
	])("is not understood when it is broken: %j", (change) => {
		const message = Object.keys(change).length === 0 ? {} : { ...messageFor(aTask()), ...change };
		expect(DeliveryMessage.safeParse(message).success).toBe(false);
	});
});

describe("a message waits", () => {
	it("in the queue when it is due, or overdue", () => {
		expect(dispatchRoute(NOW, NOW)).toEqual({ via: "queue" });
		expect(dispatchRoute(NOW - 60_000, NOW)).toEqual({ via: "queue" });
	});

	it("in the queue for up to 15 minutes, longer with the scheduler", () => {
		expect(dispatchRoute(NOW + 900_000, NOW)).toEqual({ via: "queue" });
		expect(dispatchRoute(NOW + 900_001, NOW)).toEqual({ via: "scheduler", fireAt: NOW + 900_001 - 90_000 });
	});

	it("with the scheduler until there is time for its 60 seconds of lateness, and no more than the queue can wait", () => {
		fc.assert(
			fc.property(fc.integer({ min: 900_001, max: 31_536_000_000 }), (waitMs) => {
				const route = dispatchRoute(NOW + waitMs, NOW);
				const fireAt = route.via === "scheduler" ? route.fireAt : 0;
				expect(fireAt).toBeGreaterThan(NOW);
				expect(NOW + waitMs - fireAt).toBeGreaterThan(60_000);
				expect(dispatchRoute(NOW + waitMs, fireAt)).toEqual({ via: "queue" });
			}),
		);
	});
});
