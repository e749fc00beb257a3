import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	EMPTY_SHEET,
	freeSeats,
	keepSeats,
	leaveSeats,
	type PumpSheet,
	resetSheet,
	seatAt,
	seatsOf,
	takeSeat,
	withoutWord,
} from "../../lambda/core/pump-sheet.ts";
import { NOW } from "./a-task.ts";

const LEASE_MS = 2_000;

const take = (sheet: PumpSheet, owner: string, { seats = 2, now = NOW } = {}) =>
	takeSeat(sheet, { seats, owner, now, leaseUntil: now + LEASE_MS });

const taken = (sheet: PumpSheet, owner: string, options = {}): PumpSheet => {
	const answer = take(sheet, owner, options);
	if (answer.kind !== "taken") throw new Error(answer.kind);
	return answer.sheet;
};

describe("the seats at a waiting line", () => {
	it("are given out once each, first the first", () => {
		const one = take(EMPTY_SHEET, "a");
		expect(one).toMatchObject({ kind: "taken", seat: 0 });
		const both = taken(taken(EMPTY_SHEET, "a"), "b");
		expect([seatsOf(both, "a"), seatsOf(both, "b")]).toEqual([[0], [1]]);
		const kept = keepSeats(both, "b", { leaseUntil: NOW + 9_000, slotAt: 0 });
		expect([seatAt(kept, 0).leaseUntil, seatAt(kept, 1).leaseUntil]).toEqual([NOW + LEASE_MS, NOW + 9_000]);
		expect(freeSeats(both, 2, NOW)).toEqual([]);
		expect(freeSeats(both, 4, NOW)).toEqual([2, 3]);
		expect(freeSeats(both, 2, NOW + LEASE_MS)).toEqual([0, 1]);
		expect(freeSeats(both, 2, NOW + LEASE_MS, "b")).toEqual([0]);
		expect(take(both, "a", { seats: 1, now: NOW + LEASE_MS }).kind).toBe("busy");
	});

	it("remember that somebody came in vain, once", () => {
		const full = taken(EMPTY_SHEET, "a", { seats: 1 });
		const first = take(full, "b", { seats: 1 });
		expect(first).toEqual({ kind: "busy", sheet: { ...full, woken: true } });
		expect(take({ ...full, woken: true }, "c", { seats: 1 })).toEqual({ kind: "busy", sheet: undefined });
		expect(withoutWord({ ...full, woken: true })).toEqual(full);
	});

	it("are free again when the lease is over, and not before", () => {
		const full = taken(EMPTY_SHEET, "a", { seats: 1 });
		expect(take(full, "b", { seats: 1, now: NOW + LEASE_MS - 1 }).kind).toBe("busy");
		const again = taken(full, "b", { seats: 1, now: NOW + LEASE_MS });
		expect([seatsOf(again, "a"), seatsOf(again, "b")]).toEqual([[], [0]]);
	});

	it("keep the slot that was reserved, for whoever takes over", () => {
		const kept = keepSeats(taken(EMPTY_SHEET, "a"), "a", { leaseUntil: NOW + 1, slotAt: NOW + 36_000 });
		expect(seatAt(kept, 0)).toEqual({ owner: "a", leaseUntil: NOW + 1, slotAt: NOW + 36_000 });
		expect(seatAt(taken(kept, "b", { now: NOW + 1 }), 0).slotAt).toBe(NOW + 36_000);
		expect(seatAt(leaveSeats(kept, "a", NOW + 5, 0), 0)).toEqual({
			owner: "",
			leaseUntil: 0,
			slotAt: NOW + 5,
		});
	});

	it("are not given before an announced visit", () => {
		const left = leaveSeats(taken(EMPTY_SHEET, "a"), "a", NOW + 36_000, NOW + 35_000);
		expect(take(left, "b", { now: NOW + 34_999 })).toEqual({ kind: "later" });
		const back = taken(left, "b", { now: NOW + 35_000 });
		expect(back.visitAt).toBe(0);
	});

	it("are given before a visit that is farther away than any can be: the clock was set back", () => {
		const left = leaveSeats(taken(EMPTY_SHEET, "a"), "a", 0, NOW + 35_000);
		const ask = { seats: 2, owner: "b", now: NOW, leaseUntil: NOW + LEASE_MS };
		expect(takeSeat(left, { ...ask, farthestVisitAt: NOW + 35_000 }).kind).toBe("later");
		expect(takeSeat(left, { ...ask, farthestVisitAt: NOW + 34_999 }).kind).toBe("taken");
	});

	it("can all be one pump's, which keeps and leaves them together", () => {
		const both = taken(taken(EMPTY_SHEET, "a"), "a");
		expect(seatsOf(both, "a")).toEqual([0, 1]);
		const kept = keepSeats(both, "a", { leaseUntil: NOW + 9, slotAt: 0 });
		expect(freeSeats(kept, 2, NOW + 8)).toEqual([]);
		expect(freeSeats(leaveSeats(kept, "a", 0, 0), 2, NOW)).toEqual([0, 1]);
	});

	it("forget announcements of an old policy and slots beyond the new one, but not who sits there", () => {
		const left = leaveSeats(taken(taken(EMPTY_SHEET, "a"), "b"), "a", NOW + 36_000, NOW + 35_000);
		const reset = resetSheet(left, NOW + 500);
		expect(reset).toMatchObject({ woken: true, visitAt: 0 });
		expect(seatAt(reset, 0).slotAt).toBe(NOW + 500);
		expect(seatsOf(reset, "b")).toEqual([1]);
	});

	it("keep the slots that the new policy has as well", () => {
		const left = leaveSeats(taken(EMPTY_SHEET, "a"), "a", NOW + 400, 0);
		expect(seatAt(resetSheet(left, NOW + 500), 0).slotAt).toBe(NOW + 400);
	});
});

/** Pumps that come, keep on, leave and die in any order, against the one rule that matters. */
type Model = { now: number; holders: Map<number, { owner: string; until: number }> };
type Real = { sheet: PumpSheet; owners: number };

const SEATS = 2;

class Come {
	check = (): boolean => true;
	run(model: Model, real: Real): void {
		real.owners += 1;
		const owner = `pump-${real.owners}`;
		const answer = take(real.sheet, owner, { seats: SEATS, now: model.now });
		const alive = [...model.holders.values()].filter(({ until }) => until > model.now).length;
		expect(answer.kind).toBe(alive < SEATS ? "taken" : "busy");
		if (answer.kind !== "later" && answer.sheet) real.sheet = answer.sheet;
		if (answer.kind === "taken") model.holders.set(answer.seat, { owner, until: model.now + LEASE_MS });
	}
	toString = (): string => "come";
}

class Leave {
	readonly seat: number;
	constructor(seat: number) {
		this.seat = seat;
	}
	check = (model: Model): boolean => model.holders.has(this.seat);
	run(model: Model, real: Real): void {
		real.sheet = leaveSeats(real.sheet, model.holders.get(this.seat)?.owner ?? "", 0, 0);
		model.holders.delete(this.seat);
	}
	toString = (): string => `leave(${this.seat})`;
}

class Wait {
	readonly milliseconds: number;
	constructor(milliseconds: number) {
		this.milliseconds = milliseconds;
	}
	check = (): boolean => true;
	run(model: Model): void {
		model.now += this.milliseconds;
	}
	toString = (): string => `wait(${this.milliseconds})`;
}

describe("pumps that come, leave and die in any order", () => {
	it("never are more than there are seats, and a dead one's seat comes back", () => {
		const steps = [
			fc.integer({ min: 0, max: SEATS - 1 }).map((seat) => new Leave(seat)),
			fc.integer({ min: 1, max: LEASE_MS }).map((milliseconds) => new Wait(milliseconds)),
			fc.integer({ min: 0, max: 0 }).map(() => new Come()),
		];
		fc.assert(
			fc.property(fc.commands(steps, { size: "+1" }), (story) => {
				fc.modelRun(
					() => ({ model: { now: NOW, holders: new Map() }, real: { sheet: EMPTY_SHEET, owners: 0 } }),
					story,
				);
			}),
		);
	});
});
