import TinyQueue from "tinyqueue";
import type { SeededRandom } from "./seeded-random.ts";

/** What can stop taking part, with everything that it has begun: its events do not happen then. */
export type Owner = Readonly<{ isAlive: boolean; frozenUntil: number }>;

type Event = Readonly<{ at: number; order: number; owner: Owner | undefined; act: () => void }>;

const isBefore = (a: Event, b: Event): number => a.at - b.at || a.order - b.order;

/**
 * Discrete events in virtual time (epoch ms, fractions allowed). Events happen one by one, each followed by everything
 * that it sets off without waiting for another event, so a run depends on nothing but the seed.
 */
export class VirtualTime {
	#now: number;
	readonly #random: SeededRandom;
	readonly #events = new TinyQueue<Event>([], isBefore);
	#happened = 0;

	constructor(startAt: number, random: SeededRandom) {
		this.#now = startAt;
		this.#random = random;
	}

	now(): number {
		return this.#now;
	}

	/** Events so far. */
	get happened(): number {
		return this.#happened;
	}

	/** Lets `act` happen `delayMs` from now. Those of the same instant happen in an order that the seed decides. */
	after(delayMs: number, act: () => void, owner?: Owner): void {
		this.#events.push({
			at: this.#now + Math.max(delayMs, 0),
			order: this.#random.fraction(),
			owner,
			act,
		});
	}

	/** Everything stands still for so long: what should have happened meanwhile happens right after, in its order. */
	jump(milliseconds: number): void {
		this.#now += milliseconds;
	}

	/** Lets events happen until `instant`, or until `isDone` says so; asked before each event. */
	run(instant: number, isDone: () => boolean): Promise<void> {
		return new Promise((resolve, reject) => {
			const step = (): void => {
				try {
					if (isDone() || !this.#happenUntil(instant)) resolve();
					// Promises that the event has settled go on first, to wherever they wait for the next one.
					else setImmediate(step);
				} catch (error) {
					reject(error);
				}
			};
			setImmediate(step);
		});
	}

	/** Lets the next event happen; false when there is none until `instant`. */
	#happenUntil(instant: number): boolean {
		const next = this.#events.peek();
		if (!next || next.at > instant) {
			this.#now = Math.max(this.#now, instant);
			return false;
		}
		this.#events.pop();
		this.#happen(next);
		return true;
	}

	#happen(event: Event): void {
		const { at, owner, act } = event;
		this.#now = Math.max(this.#now, at);
		if (owner && !owner.isAlive) return;
		if (owner && owner.frozenUntil > this.#now) {
			this.#events.push({ ...event, at: owner.frozenUntil });
			return;
		}
		this.#happened += 1;
		act();
	}
}
