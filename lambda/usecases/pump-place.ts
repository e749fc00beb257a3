import {
	freeSeats,
	keepSeats,
	leaveSeats,
	type PumpSheet,
	seatAt,
	seatsOf,
	takeSeat,
	withoutWord,
} from "../core/pump-sheet.ts";
import type { QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/**
 * How far ahead of what is needed leases and call slots are reserved: the sheet is written at most once in this time,
 * and a call may start up to so much later than was thought when it was written.
 */
const AHEAD_MS = 500;

/** Clocks differ, and a call may end a little after its timeout. */
const MARGIN_MS = 250;

/** Thrown when a pump has been silent for longer than its lease, and others have taken its seats. */
export class PlaceLostError extends Error {
	override readonly name = "PlaceLostError";
}

/**
 * A pump's place at the waiting line of a queue: one seat or several. No call may start that the lease does not
 * outlast, and none before its slot is on record: so whoever takes over after a crash exceeds neither the concurrency
 * nor the rate.
 */
export class PumpPlace {
	readonly #ports: Ports;
	readonly #queue: QueueKey;
	readonly #owner: string;
	#sheet: PumpSheet;
	/** When the lease was last made longer. Epoch ms, by a clock that may have been set back since. */
	#keptAt: number;
	#writing: Promise<void> | undefined;

	/**
	 * A seat among `seats`, or undefined when all are taken or there is nothing to do yet: then a visit has been
	 * announced, for `farthestVisitAt` (epoch ms) at the latest.
	 */
	static async take(
		ports: Ports,
		queue: QueueKey,
		seats: number,
		farthestVisitAt?: number,
	): Promise<PumpPlace | undefined> {
		const { pumpSheets, clock, random } = ports;
		const owner = Buffer.from(random.bytes(9)).toString("base64url");
		for (;;) {
			const now = clock.now();
			const sheet = await pumpSheets.read(queue);
			const leaseUntil = now + MARGIN_MS + AHEAD_MS;
			const answer = takeSeat(sheet, { seats, owner, now, leaseUntil, farthestVisitAt });
			if (answer.kind === "later" || !answer.sheet) return undefined;
			if (!(await pumpSheets.write(queue, answer.sheet))) continue;
			return answer.kind === "busy" ? undefined : new PumpPlace(ports, queue, owner, answer.sheet, now);
		}
	}

	private constructor(ports: Ports, queue: QueueKey, owner: string, written: PumpSheet, now: number) {
		this.#ports = ports;
		this.#queue = queue;
		this.#owner = owner;
		this.#keptAt = now;
		this.#sheet = { ...written, version: written.version + 1 };
	}

	/** The seats held, in ascending order; at least one. */
	get seats(): readonly number[] {
		return seatsOf(this.#sheet, this.#owner);
	}

	/** From when on the next call may start, as on record. Epoch ms. */
	get slotAt(): number {
		return Math.max(...this.seats.map((seat) => seatAt(this.#sheet, seat).slotAt));
	}

	/** How many of the queue's seats nobody held when the sheet was last read or written, moments ago. */
	countFree(seats: number): number {
		return freeSeats(this.#sheet, seats, this.#ports.clock.now(), this.#owner).length;
	}

	/** Takes one more seat, if one is free. */
	async takeAnother(seats: number): Promise<void> {
		const now = this.#ports.clock.now();
		const answer = takeSeat(this.#sheet, {
			seats,
			owner: this.#owner,
			now,
			leaseUntil: this.#leaseUntil,
		});
		if (answer.kind === "taken") await this.#write(answer.sheet);
	}

	/**
	 * Whether a call of `timeoutMs` may start now, after which the next one is allowed at `slotAt` (epoch ms). By a clock
	 * that was set back the lease seems to last longer than it does when the clock is set right again.
	 */
	covers(timeoutMs: number, slotAt: number): boolean {
		const now = this.#ports.clock.now();
		if (now < this.#keptAt) return false;
		const needed = now + timeoutMs + MARGIN_MS;
		return this.#leaseUntil >= needed && this.slotAt >= slotAt;
	}

	/**
	 * Has it put on record that a call of `timeoutMs` starts about now, after which the next one is allowed at `slotAt`
	 * (epoch ms; 0 without a rate limit), and some more like it. Throws `PlaceLostError`.
	 */
	async cover(timeoutMs: number, slotAt: number): Promise<void> {
		this.#writing ??= this.#extend(timeoutMs, slotAt === 0 ? 0 : slotAt + AHEAD_MS).finally(() => {
			this.#writing = undefined;
		});
		await this.#writing;
	}

	/**
	 * Leaves; the queue's next call is allowed at `slotAt`, and `visitAt` announces when there is something to do; 0 if
	 * there is nothing. False when somebody came meanwhile: then the place is kept, and everything to be looked at again.
	 */
	async leave(slotAt: number, visitAt: number): Promise<boolean> {
		for (;;) {
			const { woken } = this.#sheet;
			const left = woken ? withoutWord(this.#sheet) : leaveSeats(this.#sheet, this.#owner, slotAt, visitAt);
			if (await this.#write(left)) return !woken;
		}
	}

	/** All seats of a pump are held until the same instant: each is given, and prolonged, with the others'. */
	get #leaseUntil(): number {
		const [seat = 0] = this.seats;
		return seatAt(this.#sheet, seat).leaseUntil;
	}

	/** The calls under way are covered as well: what was left of the lease is left of it when the clock was set back. */
	async #extend(timeoutMs: number, slotAt: number): Promise<void> {
		const now = this.#ports.clock.now();
		const setBackMs = Math.max(this.#keptAt - now, 0);
		const leaseUntil = Math.max(this.#leaseUntil - setBackMs, now + timeoutMs + MARGIN_MS + AHEAD_MS);
		while (!(await this.#write(keepSeats(this.#sheet, this.#owner, { leaseUntil, slotAt }))));
		this.#keptAt = now;
	}

	/** False when the sheet was changed by somebody else: `#sheet` is then what it has become. */
	async #write(sheet: PumpSheet): Promise<boolean> {
		if (await this.#ports.pumpSheets.write(this.#queue, sheet)) {
			this.#sheet = { ...sheet, version: sheet.version + 1 };
			return true;
		}
		await this.#look();
		return false;
	}

	async #look(): Promise<void> {
		const sheet = await this.#ports.pumpSheets.read(this.#queue);
		if (seatsOf(sheet, this.#owner).length < this.seats.length)
			throw new PlaceLostError(`other pumps have taken over from this one at ${this.#queue.name}`);
		this.#sheet = sheet;
	}
}
