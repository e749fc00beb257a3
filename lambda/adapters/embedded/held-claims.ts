import type { TaskKey } from "../../core/task.ts";
import type { Clock } from "../../ports.ts";

const nameOf = ({ teamId, taskId }: TaskKey): string => `${teamId}/${taskId}`;

/**
 * The claims that this process holds, by a clock that nobody sets. Leases are written down by the wall clock: when that
 * goes forward by minutes, the lease of a call that is still under way seems to have run out.
 */
export class HeldClaims {
	readonly #clock: Clock;
	/** Task → until when its claim is held, by the steady clock. */
	readonly #heldUntil = new Map<string, number>();

	constructor(steadyClock: Clock) {
		this.#clock = steadyClock;
	}

	/** How much longer the task's claim is held, in whole ms; 0 when nobody holds it. */
	remainingMs(key: TaskKey): number {
		const heldUntil = this.#heldUntil.get(nameOf(key)) ?? 0;
		return Math.max(Math.ceil(heldUntil - this.#clock.now()), 0);
	}

	hold(key: TaskKey, milliseconds: number): void {
		this.#heldUntil.set(nameOf(key), this.#clock.now() + milliseconds);
	}

	release(key: TaskKey): void {
		this.#heldUntil.delete(nameOf(key));
	}
}
