import { setTimeout as sleep } from "node:timers/promises";

/** Longest wait for something that must happen. Generous: a slow machine may be late, only "never" is a failure. */
export const PATIENCE_MS = 30_000;

/**
 * Asks again until `probe` gives something other than undefined, and returns that.
 * `what` completes the sentence "Waited 30 s for …" when it never does.
 */
export const eventually = async <Found>(
	what: string,
	probe: () => Found | undefined | Promise<Found | undefined>,
	withinMs: number = PATIENCE_MS,
	everyMs = 50,
): Promise<Found> => {
	const deadline = Date.now() + withinMs;
	for (;;) {
		const found = await probe();
		if (found !== undefined) return found;
		if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1_000} s for ${what}`);
		await sleep(everyMs);
	}
};
