import type { Clock } from "../lambda/ports.ts";

/** A clock that stands still until it is told to move, and never moves back. */
export class VirtualClock implements Clock {
	#now: number;

	constructor(startAt: number) {
		this.#now = startAt;
	}

	now(): number {
		return this.#now;
	}

	/** Moves to `instant` (epoch ms) unless it is past already. */
	advanceTo(instant: number): void {
		this.#now = Math.max(this.#now, instant);
	}

	advanceBy(milliseconds: number): void {
		this.advanceTo(this.#now + milliseconds);
	}
}
