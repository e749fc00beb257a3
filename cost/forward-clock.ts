import type { Clock } from "../lambda/ports.ts";

/** A clock that runs like the machine's and can be put forward: nobody waits an hour for a delayed task. */
export class ForwardClock implements Clock {
	#aheadMs = 0;

	now(): number {
		return Date.now() + this.#aheadMs;
	}

	/** Epoch ms. Does nothing when that has passed. */
	forwardTo(instant: number): void {
		this.#aheadMs += Math.max(0, instant - this.now());
	}
}
