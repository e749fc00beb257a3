import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { monotonicFactory } from "ulid";
import type { Random } from "../../lambda/ports.ts";

/** Random choices that a seed decides: the same seed gives the same ones, on every machine. */
export class SeededRandom {
	readonly #generator: ReturnType<typeof xoroshiro128plus>;

	constructor(seed: number) {
		this.#generator = xoroshiro128plus(seed);
	}

	/** At least 0, below 1. */
	fraction(): number {
		return (this.#generator.next() >>> 0) / 4_294_967_296;
	}

	/** A whole number from `from` to `to`, both included. */
	int(from: number, to: number): number {
		return from + Math.floor(this.fraction() * (to - from + 1));
	}

	/** True this often. */
	chance(probability: number): boolean {
		return this.fraction() < probability;
	}

	pick<Value>(values: readonly Value[]): Value {
		const value = values[this.int(0, values.length - 1)];
		if (value === undefined) throw new Error("Nothing to pick from");
		return value;
	}

	shuffle<Value>(values: readonly Value[]): Value[] {
		const shuffled = [...values];
		for (let last = shuffled.length - 1; last > 0; last -= 1) {
			const other = this.int(0, last);
			[shuffled[last], shuffled[other]] = [shuffled[other] as Value, shuffled[last] as Value];
		}
		return shuffled;
	}

	/** Choices of their own, so that more or fewer of them here do not change those made elsewhere. */
	fork(): SeededRandom {
		return new SeededRandom(this.int(0, 4_294_967_295));
	}

	/** The port of one process. */
	port(): Random {
		return {
			bytes: (length) => Uint8Array.from({ length }, () => this.int(0, 255)),
			ulid: monotonicFactory(() => this.fraction()),
		};
	}
}
