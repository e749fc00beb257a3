import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	type BudgetSheet,
	budgetState,
	handOut,
	refusal,
	SLOTS,
	sheetIn,
	slotAt,
	slotStart,
} from "../../lambda/core/request-budget.ts";
import { mostWithin } from "../support/most-within.ts";

/** 100 requests a minute: slots of 3 s. */
const LIMIT = { requests: 100, seconds: 60 };
const SLOT_MS = 3_000;
const WINDOW_MS = 60_000;

/** One process that counts every request on the sheet itself. */
const counting = (limit = LIMIT) => {
	let sheet: BudgetSheet | undefined;
	return (now: number, units = 1) => {
		sheet = sheetIn(sheet, limit, slotAt(limit, now));
		if (sheet.left < units) return refusal(sheet, limit, units);
		sheet = handOut(sheet, units);
		return { admitted: true as const, budget: budgetState(sheet, limit) };
	};
};

describe("a team's budget", () => {
	it("is the limit for a team that never asked", () => {
		expect(sheetIn(undefined, LIMIT, 7)).toEqual({ slot: 7, left: 100, earlier: [] });
	});

	it("remembers what each slot handed out until no window has it any more", () => {
		const first = handOut(sheetIn(undefined, LIMIT, 0), 30);
		const second = handOut(sheetIn(first, LIMIT, 2), 20);
		expect(second).toEqual({ slot: 2, left: 50, earlier: [0, 30] });
		expect(sheetIn(second, LIMIT, SLOTS)).toMatchObject({ left: 50 });
		expect(sheetIn(second, LIMIT, SLOTS + 1)).toMatchObject({ left: 80 });
		expect(sheetIn(second, LIMIT, SLOTS + 3)).toMatchObject({ left: 100 });
		expect(sheetIn(second, LIMIT, 1_000_000)).toEqual({
			slot: 1_000_000,
			left: 100,
			earlier: Array.from({ length: SLOTS }, () => 0),
		});
	});

	it("stays where it is for a process whose clock is behind", () => {
		const sheet = handOut(sheetIn(undefined, LIMIT, 5), 1);
		expect(sheetIn(sheet, LIMIT, 4)).toBe(sheet);
	});

	it("says how much is left, and when there will be more", () => {
		const take = counting();
		expect(take(1_000, 30).budget).toEqual({ remaining: 70, moreAt: (SLOTS + 1) * SLOT_MS });
		expect(take(4_000, 20).budget).toEqual({ remaining: 50, moreAt: (SLOTS + 1) * SLOT_MS });
		expect(budgetState(sheetIn(undefined, LIMIT, 0), LIMIT).moreAt).toBe(SLOT_MS);
	});

	it("says from when a request that it refuses can be made", () => {
		const take = counting();
		take(1_000, 30);
		take(4_000, 70);
		expect(take(5_000, 30)).toMatchObject({ admitted: false, retryAt: 63_000 });
		expect(take(5_000, 31)).toMatchObject({ admitted: false, retryAt: 66_000 });
		expect(take(62_999, 1).admitted).toBe(false);
		expect(take(63_000, 30).admitted).toBe(true);
	});

	it("is never exceeded in any window, wherever that begins", () => {
		const pauses = fc.array(fc.record({ ms: fc.nat(9_000), units: fc.integer({ min: 1, max: 40 }) }), {
			minLength: 20,
			maxLength: 120,
		});
		fc.assert(
			fc.property(pauses, (requests) => {
				const take = counting();
				const admitted: number[] = [];
				let now = 0;
				for (const { ms, units } of requests) {
					now += ms;
					if (take(now, units).admitted) admitted.push(...Array.from({ length: units }, () => now));
				}
				expect(mostWithin(admitted, WINDOW_MS)).toBeLessThanOrEqual(LIMIT.requests);
			}),
		);
	});

	it("keeps its word: whoever comes when it says, and not before, is let through", () => {
		const requests = fc.array(fc.record({ ms: fc.nat(9_000), units: fc.integer({ min: 1, max: 100 }) }), {
			minLength: 3,
			maxLength: 60,
		});
		fc.assert(
			fc.property(requests, (pauses) => {
				const take = counting();
				let now = 0;
				for (const { ms, units } of pauses) {
					now += ms;
					const answer = take(now, units);
					if (answer.admitted) continue;
					expect(answer.retryAt).toBeGreaterThan(now);
					expect(answer.retryAt).toBeGreaterThanOrEqual(answer.budget.moreAt);
					expect(take(answer.retryAt - 1, units).admitted).toBe(false);
					now = answer.retryAt;
					expect(take(now, units).admitted).toBe(true);
				}
			}),
		);
	});

	it("never refuses a team that asks evenly, a little below the limit", () => {
		const limit = { requests: 21 * 20, seconds: 60 };
		const take = counting(limit);
		// 20 a slot: 21 slots hold exactly the limit.
		for (let n = 0; n < 2_000; n += 1) expect(take(n * 150).admitted).toBe(true);
	});

	it("has slots of whole milliseconds, in order", () => {
		for (const seconds of [1, 7, 60, 86_400]) {
			const limit = { requests: 100, seconds };
			const slot = slotAt(limit, 1_795_448_503_123);
			expect(Number.isInteger(slotStart(limit, slot))).toBe(true);
			expect(slotStart(limit, slot)).toBeLessThanOrEqual(1_795_448_503_123);
			expect(slotStart(limit, slot + 1)).toBeGreaterThan(1_795_448_503_123);
		}
	});
});
