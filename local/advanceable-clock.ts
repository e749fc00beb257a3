import { steadyClock, systemClock, systemTimer } from "../lambda/adapters/system.ts";
import type { Clock, Timer } from "../lambda/ports.ts";

type Sleeper = {
	/** By the steady clock and what this one is ahead. */
	readonly until: number;
	readonly wake: () => void;
	timer: NodeJS.Timeout;
};

/** The machine's clock, which can be moved ahead: whoever sleeps then sleeps less. It never goes back. */
export class AdvanceableClock implements Clock, Timer {
	readonly #sleepers = new Set<Sleeper>();
	#aheadMs = 0;

	/** How far it is ahead of the machine's clock. */
	get aheadMs(): number {
		return this.#aheadMs;
	}

	now(): number {
		return systemClock.now() + this.#aheadMs;
	}

	sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (milliseconds === 0) return systemTimer.sleep(0);
		if (signal?.aborted) return Promise.resolve();
		const { promise, resolve } = Promise.withResolvers<void>();
		const wake = () => {
			clearTimeout(sleeper.timer);
			this.#sleepers.delete(sleeper);
			signal?.removeEventListener("abort", wake);
			resolve();
		};
		const sleeper: Sleeper = {
			until: this.#steadyNow() + milliseconds,
			wake,
			timer: setTimeout(wake, milliseconds),
		};
		this.#sleepers.add(sleeper);
		signal?.addEventListener("abort", wake);
		return promise;
	}

	/** Moves ahead, and wakes whoever has slept for long enough by that. */
	advanceBy(milliseconds: number): void {
		this.#aheadMs += milliseconds;
		const now = this.#steadyNow();
		for (const sleeper of this.#sleepers) {
			clearTimeout(sleeper.timer);
			sleeper.timer = setTimeout(sleeper.wake, Math.max(sleeper.until - now, 0));
		}
	}

	#steadyNow(): number {
		return steadyClock.now() + this.#aheadMs;
	}
}
