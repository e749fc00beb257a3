import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drainingFlow, type Flow, flowOf, isProven, shareOf } from "../../lambda/core/flow-control.ts";
import type { Queue, QueueSettings } from "../../lambda/core/queue.ts";
import { aQueue } from "./a-queue.ts";
import { NOW } from "./a-task.ts";

const AWS = { pumpSeats: 4, unprovenConcurrency: 20 };
const EMBEDDED = { pumpSeats: 1 };

const flow = (settings: Partial<QueueSettings>, notes: Partial<Queue> = {}, limits = AWS): Flow =>
	flowOf(aQueue(settings, notes), NOW, limits);

describe("the flow of a queue", () => {
	it("is direct without limits, once it has proved to be quick", () => {
		expect(flow({}, { quickAt: NOW - 1 })).toEqual({ kind: "direct" });
	});

	it("is limited until then, with one pump", () => {
		const limited = { kind: "metered", seats: 1, calls: 20 };
		expect(flow({})).toEqual(limited);
		expect(flow({}, { quickAt: NOW - 2, slowAt: NOW - 1 })).toEqual(limited);
		expect(flow({}, { quickAt: NOW - 1, slowAt: NOW - 2 })).toEqual({ kind: "direct" });
	});

	it("is direct at once where slow queues keep nobody waiting", () => {
		expect(flowOf(aQueue(), NOW, EMBEDDED)).toEqual({ kind: "direct" });
	});

	it("stops for a paused queue, whatever else is set", () => {
		const settings = { paused: true, concurrency: 3, rate_limit: { limit: 1, per_seconds: 1 } };
		expect(flow(settings, { heldUntil: NOW + 1 })).toEqual({ kind: "stopped" });
	});

	it("is held until the instant that a webhook asked for, and not at it", () => {
		expect(flow({ concurrency: 3 }, { heldUntil: NOW + 1 })).toEqual({ kind: "held", until: NOW + 1 });
		expect(flow({ concurrency: 1 }, { heldUntil: NOW })).toEqual({ kind: "metered", seats: 1, calls: 1 });
	});

	it.each([
		[1, 1],
		[2, 2],
		[3, 2],
		[4, 4],
		[5, 4],
		[1_000, 4],
	])("has a concurrency of %i worked off by %i pumps", (concurrency, seats) => {
		expect(flow({ concurrency })).toEqual({ kind: "metered", seats, calls: concurrency });
		expect(flowOf(aQueue({ concurrency }), NOW, EMBEDDED)).toEqual({
			kind: "metered",
			seats: 1,
			calls: concurrency,
		});
	});

	it.each([
		[{ limit: 50, per_seconds: 1 }, 1, 20],
		[{ limit: 100, per_seconds: 1 }, 1, 10],
		[{ limit: 101, per_seconds: 1 }, 2, 1_000 / 101],
		[{ limit: 10_000, per_seconds: 1 }, 4, 0.1],
		[{ limit: 100, per_seconds: 3_600 }, 1, 36_000],
	])("spreads the calls of %j evenly, over %i pumps", (rate_limit, seats, intervalMs) => {
		expect(flow({ rate_limit })).toEqual({ kind: "metered", seats, calls: seats * 200, intervalMs });
	});

	it("keeps both limits where both are set, with no more pumps than calls", () => {
		const rate_limit = { limit: 1_000, per_seconds: 1 };
		expect(flow({ rate_limit, concurrency: 3 })).toEqual({
			kind: "metered",
			seats: 2,
			calls: 3,
			intervalMs: 1,
		});
	});

	it("lets every seat of its world drain what is left in line", () => {
		expect(drainingFlow(AWS)).toEqual({ kind: "metered", seats: 4, calls: 800 });
	});
});

describe("the shares of the seats", () => {
	it("add up to the whole and differ by one at most", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(1, 2, 4), (calls, seats) => {
				const shares = Array.from({ length: seats }, (_, seat) => shareOf(calls, seats, seat));
				expect(shares.reduce((sum, share) => sum + share, 0)).toBe(calls);
				expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
			}),
		);
	});
});

describe("the proof of a queue", () => {
	it("is missing before the first quick call and after a slow one", () => {
		expect(isProven({})).toBe(false);
		expect(isProven({ slowAt: NOW })).toBe(false);
		expect(isProven({ quickAt: NOW, slowAt: NOW })).toBe(false);
		expect(isProven({ quickAt: NOW })).toBe(true);
	});
});
