import type { RequestLimit } from "./request-limit.ts";

/**
 * Time goes by in slots, this many to a window. Any window overlaps one more than that, so if no slot and the
 * `SLOTS` before it ever hand out more than the limit together, no window does. The price is that a slot counts for
 * a slot longer than it had to: whoever asks evenly gets `SLOTS / (SLOTS + 1)` of the limit.
 */
export const SLOTS = 20;

/** A team's budget as all processes share it: what was handed out, by slots. */
export type BudgetSheet = Readonly<{
	/** Number of the slot, counted from the epoch. */
	slot: number;
	/** Requests that may still be handed out in this slot. */
	left: number;
	/** Requests handed out in each of the `SLOTS` slots before, the latest first. Shorter when nothing was before. */
	earlier: readonly number[];
}>;

/** What a team may be told about its budget. */
export type BudgetState = Readonly<{
	/** Requests that it may make now, as far as is known. */
	remaining: number;
	/** Epoch ms from when there will be more. */
	moreAt: number;
}>;

/** Whether a request is let through. `budget` is absent when nobody could tell; `retryAt` is epoch ms. */
export type Admission = Readonly<
	| { admitted: true; budget: BudgetState | undefined }
	| { admitted: false; budget: BudgetState; retryAt: number }
>;

const slotMs = ({ seconds }: RequestLimit): number => (seconds * 1_000) / SLOTS;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** The number of the slot at `now` (epoch ms). */
export const slotAt = (limit: RequestLimit, now: number): number => Math.floor(now / slotMs(limit));

/** When a slot begins, in epoch ms. */
export const slotStart = (limit: RequestLimit, slot: number): number => slot * slotMs(limit);

/** The sheet as it is in `slot`, or later if somebody was there already; `undefined` is a team that never asked. */
export const sheetIn = (sheet: BudgetSheet | undefined, limit: RequestLimit, slot: number): BudgetSheet => {
	if (!sheet) return { slot, left: limit.requests, earlier: [] };
	if (sheet.slot >= slot) return sheet;
	const handedOut = limit.requests - sum(sheet.earlier) - sheet.left;
	const unused = Array.from({ length: Math.min(slot - sheet.slot - 1, SLOTS) }, () => 0);
	const earlier = [...unused, handedOut, ...sheet.earlier].slice(0, SLOTS);
	return { slot, left: limit.requests - sum(earlier), earlier };
};

/** The sheet after handing out `units`, of which there must be enough. */
export const handOut = (sheet: BudgetSheet, units: number): BudgetSheet => ({
	...sheet,
	left: sheet.left - units,
});

/** When a slot begins in which `units`, or else the whole limit, can be had if nobody asks before. Epoch ms. */
const availableAt = (sheet: BudgetSheet, limit: RequestLimit, units: number): number => {
	const wanted = Math.min(units, limit.requests);
	let slot = sheet.slot + 1;
	while (sheetIn(sheet, limit, slot).left < wanted) slot += 1;
	return slotStart(limit, slot);
};

/** What a team may be told, given what is `reserved` for it beside the sheet. */
export const budgetState = (sheet: BudgetSheet, limit: RequestLimit, reserved = 0): BudgetState => ({
	remaining: sheet.left + reserved,
	moreAt: availableAt(sheet, limit, sheet.left + 1),
});

/** Refuses `units`, with the time from when they can be had. */
export const refusal = (sheet: BudgetSheet, limit: RequestLimit, units: number, reserved = 0): Admission => ({
	admitted: false,
	budget: budgetState(sheet, limit, reserved),
	retryAt: availableAt(sheet, limit, units),
});
