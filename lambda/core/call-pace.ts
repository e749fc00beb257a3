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

/** Slots are reserved for half a second at least, and the clocks of two pumps may differ. */
const FARTHEST_AHEAD_MS = 1_500;

/**
 * `slotAt`, unless it is farther ahead than any slot can be (an interval, and what is reserved in advance): then the
 * clock was set back since, and waiting for it to catch up would hold the queue up for nothing. Epoch ms.
 */
export const reachableSlot = (slotAt: number, now: number, intervalMs: number): number =>
	Math.min(slotAt, now + intervalMs + FARTHEST_AHEAD_MS);
