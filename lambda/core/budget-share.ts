import {
	type Admission,
	type BudgetSheet,
	budgetState,
	handOut,
	refusal,
	sheetIn,
} from "./request-budget.ts";
import type { RequestLimit } from "./request-limit.ts";

/** One process's part of a team's budget: what it has reserved, so that not every request needs a write. */
export type BudgetShare = Readonly<{
	/** The common sheet as it was last seen. It hands out less than that at most, never more. */
	sheet: BudgetSheet | undefined;
	/** The slot that `left` and `used` are about. */
	slot: number;
	/** Requests reserved in this slot and not made. They are lost when it ends. */
	left: number;
	/** Requests let through here in this slot, and in the one before. */
	used: number;
	usedBefore: number;
}>;

export const EMPTY_SHARE: BudgetShare = { sheet: undefined, slot: 0, left: 0, used: 0, usedBefore: 0 };

/** A change of the common sheet: `units` are handed out to this process, if the sheet still allows it. */
export type Reservation = Readonly<{ seen: BudgetSheet | undefined; next: BudgetSheet; units: number }>;

/** What became of a reservation, and the sheet as it is now. */
export type ReservationAnswer = Readonly<{ done: boolean; sheet: BudgetSheet | undefined }>;

/** What to do about a request: answer it, or reserve first and ask again. */
export type ShareStep = Readonly<
	{ kind: "answer"; admission: Admission; share: BudgetShare } | { kind: "reserve"; reservation: Reservation }
>;

/** Where the pace of the slot before is exceeded, a quarter more is reserved at a time; where there is none, twice. */
const GROWTH_PART = 4;

/** Reservations for one request that may ask for more than it needs. */
const TRIES_FOR_MORE = 2;

/** A process takes no more than this part of what is left for all of them, unless the request itself needs more. */
const PART_OF_REST = 4;

/** The share in `slot`: with nothing reserved if that is a new one. */
export const shareIn = (share: BudgetShare, slot: number): BudgetShare => {
	if (share.slot >= slot) return share;
	return { ...share, slot, left: 0, used: 0, usedBefore: share.slot === slot - 1 ? share.used : 0 };
};

/** How many more to expect of a process that has had as many as in the slot before. */
const growth = ({ used, usedBefore }: BudgetShare): number =>
	usedBefore === 0 ? used : Math.ceil(used / GROWTH_PART);

/**
 * How much to reserve when `missing` requests are needed: as many as this process had in the slot before; then, or
 * where there is no such measure, a part of those it has had in this one. So what is reserved in vain is less than
 * what was used, and a steady pace takes one or two writes a slot.
 */
const chunk = (share: BudgetShare, missing: number, left: number): number => {
	const expected = Math.max(share.usedBefore - share.used, growth(share));
	return Math.max(missing, Math.min(expected, Math.floor(left / PART_OF_REST)));
};

/**
 * The next step for a request that counts `units`. `tries` is how many reservations have failed for it: after two
 * it asks for no more than it needs, which fails only if there is too little for it, or when a slot ends.
 */
export const shareStep = (
	share: BudgetShare,
	limit: RequestLimit,
	units: number,
	tries: number,
): ShareStep => {
	const known = sheetIn(share.sheet, limit, share.slot);
	const missing = units - share.left;
	if (missing <= 0) {
		const spent = { ...share, left: share.left - units, used: share.used + units };
		return {
			kind: "answer",
			share: spent,
			admission: { admitted: true, budget: budgetState(known, limit, spent.left) },
		};
	}
	// Others can only have taken more: there is no need to ask.
	if (known.left < missing)
		return { kind: "answer", share, admission: refusal(known, limit, units, share.left) };
	const reserved = tries < TRIES_FOR_MORE ? chunk(share, missing, known.left) : missing;
	return {
		kind: "reserve",
		reservation: { seen: share.sheet, next: handOut(known, reserved), units: reserved },
	};
};

/** The share once the answer to a reservation is there. */
export const afterReserving = (
	share: BudgetShare,
	{ units }: Reservation,
	{ done, sheet }: ReservationAnswer,
): BudgetShare => {
	const current = shareIn(share, sheet?.slot ?? share.slot);
	return { ...current, sheet, left: current.left + (done ? units : 0) };
};
