/** The offset of the server's wall clock from the machine's, from `at` on (monotonic ms). */
type Step = Readonly<{ at: number; offsetMs: number }>;

/** How long something that the server decided may take to be seen here, on a busy machine. */
const SEEN_WITHIN_MS = 5_000;

/** How long a step that was ordered may take. */
const OBEYED_WITHIN_MS = 1_000;

/**
 * What the server's wall clock may have shown. A step is in doubt between the order and its confirmation, and what is
 * seen here was decided a little before: so there is an earliest and a latest reading.
 */
export class ServerClock {
	readonly #steps: Step[] = [{ at: Number.NEGATIVE_INFINITY, offsetMs: 0 }];
	readonly #toEpoch = Date.now() - performance.now();

	get offsetMs(): number {
		return this.#steps.at(-1)?.offsetMs ?? 0;
	}

	/** The largest offset that there was. */
	get highestMs(): number {
		return Math.max(...this.#steps.map(({ offsetMs }) => offsetMs));
	}

	/** Notes a step that is about to be ordered. */
	step(offsetMs: number): void {
		this.#steps.push({ at: performance.now(), offsetMs });
	}

	/** The latest that the server can have read (epoch ms) when it decided what was seen at `at` (monotonic ms). */
	latest(at: number): number {
		return this.#toEpoch + at + Math.max(...this.#offsets(at - SEEN_WITHIN_MS, at));
	}

	/** The earliest that the server can have read when it learned what was told to it at `at`. */
	earliest(at: number): number {
		return this.#toEpoch + at + Math.min(...this.#offsets(at - OBEYED_WITHIN_MS, at + SEEN_WITHIN_MS));
	}

	/** The offset at `from`, and those that followed until `to`. */
	#offsets(from: number, to: number): number[] {
		const first = this.#steps.findLastIndex(({ at }) => at <= from);
		return this.#steps
			.slice(first)
			.filter(({ at }) => at <= to)
			.map(({ offsetMs }) => offsetMs);
	}
}
