import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextSlotAt, reachableSlot } from "../../lambda/core/call-pace.ts";
import { NOW } from "./a-task.ts";

const TOLERANCE_MS = 20;

/** When calls start that want to start at these times, each waiting for its slot. */
const startsOf = (wishes: readonly number[], intervalMs: number): number[] => {
	let slotAt = 0;
	let last = 0;
	return wishes.map((wish) => {
		last = Math.max(wish, slotAt, last);
		slotAt = nextSlotAt(slotAt, last, intervalMs);
		return last;
	});
};

const wishesAfter = (gaps: readonly number[]): number[] => {
	let at = NOW;
	return gaps.map((gap) => {
		at += gap;
		return at;
	});
};

describe("the pace of calls", () => {
	it("puts an interval between them, however long there were none", () => {
		expect(startsOf([NOW, NOW, NOW], 1_000)).toEqual([NOW, NOW + 980, NOW + 1_980]);
		expect(nextSlotAt(NOW - 86_400_000, NOW, 36_000)).toBe(NOW + 36_000 - TOLERANCE_MS);
	});

	it("makes up for a late timer, up to 20 ms", () => {
		expect(nextSlotAt(NOW, NOW + 15, 100)).toBe(NOW + 100);
		expect(nextSlotAt(NOW, NOW + 70, 100)).toBe(NOW + 150);
	});

	it("never lets more start in any window than the rate and 20 ms allow, whenever they come", () => {
		fc.assert(
			fc.property(
				fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 2, maxLength: 300 }),
				fc.integer({ min: 1, max: 500 }),
				fc.integer({ min: 1, max: 5_000 }),
				(gaps, intervalMs, windowMs) => {
					const starts = startsOf(wishesAfter(gaps), intervalMs);
					const allowed = Math.floor((windowMs + TOLERANCE_MS) / intervalMs) + 1;
					for (const from of starts) {
						const within = starts.filter((at) => at >= from && at < from + windowMs).length;
						expect(within).toBeLessThanOrEqual(allowed);
					}
				},
			),
		);
	});

	it("loses no slot while calls are waiting", () => {
		fc.assert(
			fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 1, max: 500 }), (calls, intervalMs) => {
				const starts = startsOf(Array(calls).fill(NOW), intervalMs);
				expect((starts.at(-1) ?? 0) - NOW).toBeLessThanOrEqual((calls - 1) * intervalMs);
			}),
		);
	});

	it("forgets a slot that only a clock that was set back since can have made", () => {
		expect(reachableSlot(NOW + 1_000, NOW, 1_000)).toBe(NOW + 1_000);
		expect(reachableSlot(NOW + 2_500, NOW, 1_000)).toBe(NOW + 2_500);
		expect(reachableSlot(NOW + 60_000, NOW, 1_000)).toBe(NOW + 2_500);
	});
});
