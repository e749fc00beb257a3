import type { PumpSheet } from "../../core/pump-sheet.ts";
import type { Clock } from "../../ports.ts";

/**
 * The seats that pumps of this process hold, by a clock that nobody sets: as with claims (see held-leases.ts), a pump
 * that is at work must not lose its place because the wall clock was set forward.
 */
export class HeldSeats {
	readonly #clock: Clock;
	readonly #steadyClock: Clock;
	/** Queue → owner → until when its seats are held, by the steady clock. */
	readonly #queues = new Map<string, ReadonlyMap<string, number>>();

	constructor(clock: Clock, steadyClock: Clock) {
		this.#clock = clock;
		this.#steadyClock = steadyClock;
	}

	/** Notes the leases of a sheet that was just written. */
	note(queue: string, { seats }: PumpSheet): void {
		const ahead = this.#steadyClock.now() - this.#clock.now();
		const held = seats.filter(({ owner }) => owner !== "");
		if (held.length === 0) this.#queues.delete(queue);
		else this.#queues.set(queue, new Map(held.map(({ owner, leaseUntil }) => [owner, leaseUntil + ahead])));
	}

	/** The sheet, with leases that last as long by the wall clock of now as they still do by the steady one. */
	withLeases(queue: string, sheet: PumpSheet): PumpSheet {
		const held = this.#queues.get(queue);
		if (!held) return sheet;
		const ahead = this.#clock.now() - this.#steadyClock.now();
		const seats = sheet.seats.map((seat) => {
			const heldUntil = Math.ceil((held.get(seat.owner) ?? 0) + ahead);
			return heldUntil > seat.leaseUntil && held.has(seat.owner) ? { ...seat, leaseUntil: heldUntil } : seat;
		});
		return { ...sheet, seats };
	}
}
