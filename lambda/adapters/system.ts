import { randomBytes, randomFillSync } from "node:crypto";
import { setImmediate, setTimeout } from "node:timers/promises";
import { monotonicFactory } from "ulid";
import type { Clock, Random, Timer } from "../ports.ts";

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that goes on evenly when somebody sets the machine's. It stands still while the machine is suspended. */
export const steadyClock: Clock = { now: () => performance.now() };

/** The machine's timers. */
export const systemTimer: Timer = {
	sleep: (milliseconds, signal) =>
		milliseconds === 0
			? setImmediate()
			: setTimeout(milliseconds, undefined, signal && { signal }).catch(() => undefined),
};

const POOL_BYTES = 4_096;

/** Secure random fractions from a pool: one call into the kernel for thousands of them. */
const pooledFractions = (): (() => number) => {
	const pool = new Uint8Array(POOL_BYTES);
	let next = POOL_BYTES;
	return () => {
		if (next === POOL_BYTES) {
			randomFillSync(pool);
			next = 0;
		}
		return (pool[next++] ?? 0) / 256;
	};
};

/** The machine's secure random numbers. ULIDs grow within this process even when the clock is set back. */
export const systemRandom: Random = {
	bytes: (length) => randomBytes(length),
	ulid: monotonicFactory(pooledFractions()),
};
