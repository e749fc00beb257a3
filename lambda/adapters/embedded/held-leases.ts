import type { Clock } from "../../ports.ts";

/**
 * The claims or messages that this process holds, by a clock that nobody sets. Leases are written down by the wall
 * clock: when that goes forward by minutes, the lease of a call that is still under way seems to have run out.
 */
export class HeldLeases {
	readonly #clock: Clock;
	/** What is held → until when, by the steady clock. */
	readonly #heldUntil = new Map<string, number>();

	constructor(steadyClock: Clock) {
		this.#clock = steadyClock;
	}

	/** How much longer it is held, in whole ms; 0 when nobody holds it. */
	remainingMs(name: string): number {
		const heldUntil = this.#heldUntil.get(name) ?? 0;
		return Math.max(Math.ceil(heldUntil - this.#clock.now()), 0);
	}

	hold(name: string, milliseconds: number): void {
		this.#heldUntil.set(name, this.#clock.now() + milliseconds);
	}

	release(name: string): void {
		this.#heldUntil.delete(name);
	}
}
