import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	afterReserving,
	type BudgetShare,
	EMPTY_SHARE,
	type Reservation,
	type ReservationAnswer,
	shareIn,
	shareStep,
} from "../../lambda/core/budget-share.ts";
import { type BudgetSheet, SLOTS, slotAt, slotStart } from "../../lambda/core/request-budget.ts";
import { mostWithin } from "../support/most-within.ts";

const LIMIT = { requests: 100, seconds: 60 };
const SLOT_MS = 3_000;
const WINDOW_MS = 60_000;

/** A store of one sheet that does what `DynamoBudgetSheets` asks of DynamoDB, one write at a time. */
class OneSheet {
	sheet: BudgetSheet | undefined;
	writes = 0;

	reserve({ seen, next, units }: Reservation): ReservationAnswer {
		this.writes += 1;
		const { sheet } = this;
		const inSameSlot = seen?.slot === next.slot;
		const done = inSameSlot
			? sheet?.slot === next.slot && sheet.left >= units
			: sheet?.slot === seen?.slot && sheet?.left === seen?.left;
		if (done) this.sheet = inSameSlot && sheet ? { ...sheet, left: sheet.left - units } : next;
		return { done, sheet: this.sheet };
	}
}

/** One process. A request goes as far as its next write; the write and its answer come whenever they are told to. */
class Instance {
	readonly #store: OneSheet;
	#share: BudgetShare = EMPTY_SHARE;
	#request: { units: number; arrivedAt: number; tries: number } | undefined;
	#unsent: Reservation | undefined;
	#unread: { reservation: Reservation; answer: ReservationAnswer } | undefined;
	/** When each admitted unit counts: in its slot, between its arrival and its answer. */
	readonly admitted: number[] = [];
	refused = 0;

	constructor(store: OneSheet) {
		this.#store = store;
	}

	arrive(now: number, units: number): void {
		if (this.#request) return;
		this.#request = { units, arrivedAt: now, tries: 0 };
		this.#share = shareIn(this.#share, slotAt(LIMIT, now));
		this.#goOn();
	}

	write(..._: unknown[]): void {
		if (!this.#unsent) return;
		this.#unread = { reservation: this.#unsent, answer: this.#store.reserve(this.#unsent) };
		this.#unsent = undefined;
	}

	/** Lost when the process is: what was reserved, and everything it knew. */
	die(..._: unknown[]): void {
		this.#share = EMPTY_SHARE;
		this.#request = undefined;
		this.#unsent = undefined;
		this.#unread = undefined;
	}

	read(..._: unknown[]): void {
		if (!this.#unread || !this.#request) return;
		this.#share = afterReserving(this.#share, this.#unread.reservation, this.#unread.answer);
		this.#request.tries += 1;
		this.#unread = undefined;
		this.#goOn();
	}

	/** A whole request without anybody in between. */
	ask(now: number, units = 1): boolean {
		const before = this.admitted.length;
		this.arrive(now, units);
		while (this.#request) {
			this.write();
			this.read();
		}
		return this.admitted.length > before;
	}

	#goOn(): void {
		if (!this.#request) return;
		const { units, arrivedAt, tries } = this.#request;
		const step = shareStep(this.#share, LIMIT, units, tries);
		if (step.kind === "reserve") {
			this.#unsent = step.reservation;
			return;
		}
		this.#share = step.share;
		this.#request = undefined;
		const at = Math.max(arrivedAt, slotStart(LIMIT, this.#share.slot));
		if (step.admission.admitted) this.admitted.push(...Array.from({ length: units }, () => at));
		else this.refused += 1;
	}
}

const fleetOf = (count: number) => {
	const store = new OneSheet();
	return { store, instances: Array.from({ length: count }, () => new Instance(store)) };
};

type Event = Readonly<{ kind: "arrive" | "write" | "read" | "die" | "wait"; index: number; n: number }>;

/** `n` is units for a request and milliseconds for a pause. */
const eventOf = (weight: number, kind: Event["kind"], most: number) => ({
	weight,
	arbitrary: fc.record<Event>({
		kind: fc.constant(kind),
		index: fc.nat(4),
		n: fc.integer({ min: 1, max: most }),
	}),
});

const event = fc.oneof(
	eventOf(6, "arrive", 30),
	eventOf(6, "write", 1),
	eventOf(6, "read", 1),
	eventOf(3, "wait", 4_000),
	eventOf(1, "die", 1),
);

describe("the processes that share a budget", () => {
	it("never let more through together than the limit in any window, however their steps mingle", () => {
		fc.assert(
			fc.property(fc.array(event, { minLength: 50, maxLength: 400 }), (events) => {
				const { instances } = fleetOf(5);
				let now = 0;
				for (const { kind, index, n } of events) {
					if (kind === "wait") now += n;
					else instances[index]?.[kind](now, n);
				}
				const admitted = instances.flatMap((each) => each.admitted);
				expect(mostWithin(admitted, WINDOW_MS)).toBeLessThanOrEqual(LIMIT.requests);
			}),
			{ numRuns: 300 },
		);
	});

	it("let all of the limit through when its requests come at once, one to a process", () => {
		const { instances } = fleetOf(150);
		for (const each of instances) each.arrive(0, 1);
		// All write before any of them reads, as long as anybody has something to write.
		for (let round = 0; round < 10; round += 1) {
			for (const each of instances) each.write();
			for (const each of instances) each.read();
		}
		expect(instances.flatMap((each) => each.admitted)).toHaveLength(LIMIT.requests);
		expect(instances.reduce((sum, { refused }) => sum + refused, 0)).toBe(50);
	});

	it("have the whole limit again a window and a slot later, whatever was reserved in vain", () => {
		const { instances } = fleetOf(3);
		for (let n = 0; n < 60; n += 1) instances[n % 2]?.ask(0);
		const [, , third] = instances;
		const later = (SLOTS + 1) * SLOT_MS;
		expect(third?.ask(later - 1, LIMIT.requests)).toBe(false);
		expect(third?.ask(later, LIMIT.requests)).toBe(true);
	});

	it("lose what they reserved and did not use when its slot ends", () => {
		const {
			instances: [one, other],
		} = fleetOf(2);
		// The fifth request reserves three more.
		for (let n = 0; n < 5; n += 1) one?.ask(0);
		const later = (SLOTS + 1) * SLOT_MS;
		expect(other?.ask(later, LIMIT.requests)).toBe(true);
		expect(one?.ask(later)).toBe(false);
	});

	it("write once a slot when one of them has a steady pace", () => {
		const {
			store,
			instances: [one],
		} = fleetOf(1);
		for (let n = 0; n < 200; n += 1) expect(one?.ask(n * 750)).toBe(true);
		// 50 slots, and a few writes in the first while it learns the pace.
		expect(store.writes).toBeLessThanOrEqual(53);
	});

	it("do not ask again for what they know is not there", () => {
		const {
			store,
			instances: [one],
		} = fleetOf(1);
		expect(one?.ask(0, LIMIT.requests)).toBe(true);
		const { writes } = store;
		for (let n = 0; n < 1_000; n += 1) expect(one?.ask(n * 60)).toBe(false);
		expect(store.writes).toBe(writes);
	});

	it("reserve no more ahead than they used, and leave most of the rest to others", () => {
		const reserved = (share: Partial<BudgetShare>, left: number): number => {
			const sheet = { slot: 9, left, earlier: [] };
			const step = shareStep({ ...EMPTY_SHARE, slot: 9, sheet, ...share }, LIMIT, 1, 0);
			return step.kind === "reserve" ? step.reservation.units : 0;
		};
		expect(reserved({}, 100)).toBe(1);
		expect(reserved({ used: 8 }, 100)).toBe(8);
		expect(reserved({ usedBefore: 12 }, 100)).toBe(12);
		expect(reserved({ usedBefore: 12, used: 11 }, 100)).toBe(3);
		expect(reserved({ usedBefore: 12, used: 12 }, 100)).toBe(3);
		expect(reserved({ usedBefore: 90 }, 100)).toBe(25);
		expect(reserved({ usedBefore: 90 }, 3)).toBe(1);
	});

	it("start anew when the sheet is gone", () => {
		const {
			store,
			instances: [one],
		} = fleetOf(1);
		one?.ask(0, 10);
		store.sheet = undefined;
		expect(one?.ask(SLOT_MS, 10)).toBe(true);
		expect(store.sheet).toMatchObject({ left: 90 });
	});

	it("follow a process whose clock is ahead into its slot", () => {
		const {
			instances: [one, other],
		} = fleetOf(2);
		one?.ask(SLOT_MS, 10);
		expect(other?.ask(SLOT_MS - 1, 90)).toBe(true);
		expect(other?.ask(SLOT_MS - 1)).toBe(false);
	});
});
