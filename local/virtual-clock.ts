import { setImmediate } from "node:timers/promises";
import type { Clock, Timer } from "../lambda/ports.ts";

type Sleeper = Readonly<{ until: number; wake: () => void }>;

/** A clock that stands still until it is told to move, and never moves back. */
export class VirtualClock implements Clock, Timer {
	readonly #sleepers = new Set<Sleeper>();
	#now: number;

	constructor(startAt: number) {
		this.#now = startAt;
	}

	now(): number {
		return this.#now;
	}

	sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (milliseconds === 0) return setImmediate();
		const { promise, resolve } = Promise.withResolvers<void>();
		const sleeper = { until: this.#now + milliseconds, wake: resolve };
		this.#sleepers.add(sleeper);
		signal?.addEventListener("abort", () => {
			this.#sleepers.delete(sleeper);
			resolve();
		});
		return promise;
	}

	/** When the next sleeper wants to wake, if any does. */
	nextWakeAt(): number | undefined {
		return this.#sleepers.size === 0 ? undefined : Math.min(...[...this.#sleepers].map(({ until }) => until));
	}

	/** Moves to `instant` (epoch ms) unless it is past already, and wakes whoever slept until then. */
	advanceTo(instant: number): void {
		this.#now = Math.max(this.#now, instant);
		for (const sleeper of this.#sleepers) {
			if (sleeper.until > this.#now) continue;
			this.#sleepers.delete(sleeper);
			sleeper.wake();
		}
	}

	advanceBy(milliseconds: number): void {
		this.advanceTo(this.#now + milliseconds);
	}
}
