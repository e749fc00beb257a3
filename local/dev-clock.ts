import * as z from "zod";
import { validate, validateAt } from "../lambda/core/faults.ts";
import { instant } from "../lambda/core/instant.ts";
import type { AdvanceableClock } from "./advanceable-clock.ts";

/** Seconds: as long as a task can be delayed. */
const Advance = z.strictObject({ advance: z.int().min(1).max(31_536_000) });

/** Far from the last instant that ISO 8601 has four digits of the year for. */
const MAX_AHEAD_MS = 1_000 * 365 * 86_400_000;

const TooFar = z.number().max(MAX_AHEAD_MS, "would bring the clock more than 1,000 years ahead");

export type ClockView = Readonly<{ now: string; ahead_seconds: number }>;

/** The server's clock, as tests of applications move it. */
export class DevClock {
	readonly #clock: AdvanceableClock;
	readonly #onAdvance: () => void;

	/** `onAdvance` is called when the clock was moved: whatever waits for an instant has to look again. */
	constructor(clock: AdvanceableClock, onAdvance: () => void) {
		this.#clock = clock;
		this.#onAdvance = onAdvance;
	}

	get view(): ClockView {
		return { now: instant(this.#clock.now()), ahead_seconds: this.#clock.aheadMs / 1_000 };
	}

	/** Moves the clock as `{"advance": seconds}` says. Throws `invalid_request`. */
	advance(order: unknown): void {
		const milliseconds = validate(Advance, order).advance * 1_000;
		validateAt("advance", TooFar, this.#clock.aheadMs + milliseconds);
		this.#clock.advanceBy(milliseconds);
		this.#onAdvance();
	}
}
