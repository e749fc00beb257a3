/** Lateness that later calls may make up for: timers fire late, and without this the pace would drift. */
const MAX_CATCH_UP_MS = 20;

/**
 * When the next call may start after one that starts at `now`, which was allowed from `slotAt` on (epoch ms).
 *
 * The generic cell rate algorithm as virtual scheduling (ITU-T I.371, annex A), with 20 ms of tolerance: calls are
 * `intervalMs` apart, and time in which there was nothing to call cannot be saved up for a burst.
 */
export const nextSlotAt = (slotAt: number, now: number, intervalMs: number): number =>
	Math.max(slotAt, now - MAX_CATCH_UP_MS) + intervalMs;
