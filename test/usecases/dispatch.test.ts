import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DeliveryMessage, messageFor } from "../../lambda/core/delivery-message.ts";
import { dispatch, messageNeeded, sendWhatIsNeeded } from "../../lambda/usecases/dispatch.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";
import { uniqueTask } from "../support/unique-tasks.ts";

const QUARTER_HOUR_MS = 900_000;

let world: TestWorld;
/** What was sent at a time, and what was scheduled and when it is to be sent. */
let sent: (readonly DeliveryMessage[])[];
let scheduled: [DeliveryMessage, number][];
beforeEach(async () => {
	sent = [];
	scheduled = [];
	world = await createTestWorld(({ deliveryQueue, scheduler }) => ({
		deliveryQueue: {
			send: async (messages) => {
				sent.push(messages);
				await deliveryQueue.send(messages);
			},
		},
		scheduler: {
			unschedule: (message) => scheduler.unschedule(message),
			schedule: async (message, fireAt) => {
				scheduled.push([message, fireAt]);
				await scheduler.schedule(message, fireAt);
			},
		},
	}));
});
afterEach(() => world.close());

describe("messages on their way", () => {
	it("wait in the queue when they are due soon, all sent at once, and else with the scheduler", async () => {
		const soon = [messageDueAt(START), messageDueAt(START + QUARTER_HOUR_MS)];
		const later = messageDueAt(START + QUARTER_HOUR_MS + 1);
		await dispatch(world.ports, [...soon, later]);
		expect(sent).toEqual([soon]);
		expect(scheduled).toEqual([[later, later.due_at - 90_000]]);
	});

	it("are not sent to a queue for which there is none", async () => {
		await dispatch(world.ports, [messageDueAt(START + 2 * QUARTER_HOUR_MS)]);
		await dispatch(world.ports, []);
		expect(sent).toEqual([]);
		expect(scheduled).toHaveLength(1);
	});

	it.each(["deliveryQueue", "scheduler"] as const)("are not said to be when the %s fails", async (port) => {
		const broken = new Error("throttled");
		const fail = () => Promise.reject(broken);
		const failing = { send: fail, schedule: fail, unschedule: fail };
		const messages = [messageDueAt(START), messageDueAt(START + 2 * QUARTER_HOUR_MS)];
		await expect(dispatch({ ...world.ports, [port]: failing }, messages)).rejects.toBe(broken);
	});
});

describe("the message that a task needs", () => {
	const pending = uniqueTask({ attempt: 3, attemptsBefore: 0, dueAt: START + 7_000 });

	it("is its next attempt's while it waits", () => {
		expect(messageNeeded(pending)).toEqual(messageFor(pending));
	});

	it("comes when the lease of a running attempt is over, for its worker may die", () => {
		const active = { ...pending, status: "active", leaseUntil: START + 150_000 } as const;
		expect(messageNeeded(active)).toEqual({ ...messageFor(pending), due_at: START + 150_000 });
	});

	it("comes at once when it is not known how long a running attempt is claimed", () => {
		expect(messageNeeded({ ...pending, status: "active" })).toEqual(messageFor(pending));
	});

	it.each(["completed", "failed", "cancelled"] as const)("is none when it is %s", (status) => {
		expect(messageNeeded({ ...pending, status })).toBeUndefined();
	});

	it("is none when it is gone", () => {
		expect(messageNeeded(undefined)).toBeUndefined();
	});

	it("is sent, if there is one", async () => {
		await sendWhatIsNeeded(world.ports, undefined);
		await sendWhatIsNeeded(world.ports, { ...pending, status: "failed" });
		expect(sent).toEqual([]);
		await sendWhatIsNeeded(world.ports, pending);
		expect(sent).toEqual([[messageFor(pending)]]);
		await sendWhatIsNeeded(world.ports, { ...pending, status: "active", leaseUntil: START + 9_000 });
		expect(sent.at(-1)).toEqual([{ ...messageFor(pending), due_at: START + 9_000 }]);
	});
});
