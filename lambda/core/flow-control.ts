import type { Queue, RateLimit } from "./queue.ts";

/** A call that takes longer than this is slow: while it lasts, whoever makes it cannot serve other queues. */
export const SLOW_CALL_MS = 1_000;

/** How long a queue must have been free of slow calls before quick ones count as proof. */
export const QUICK_AGAIN_AFTER_MS = 60_000;

/** Quick answers in a row, without a slow one, that prove a queue. */
export const QUICK_CALLS_FOR_PROOF = 5;

/** Calls that one pump makes at a time, where no setting says fewer: enough for 100 calls a second of 2 s each. */
const CALLS_A_PUMP = 200;

/** Calls a second that one pump can be expected to make. */
const RATE_A_PUMP = 100;

/**
 * How a queue's messages are to be handled now.
 *
 * - `direct`: called as they come; nothing holds them back.
 * - `stopped`: they wait in line, and nobody is to look after them.
 * - `held`: the same until an instant (epoch ms).
 * - `metered`: they wait in line for one of `seats` pumps, which together make `calls` calls at a time, and start one
 *   every `intervalMs` if that is set.
 */
export type Flow = Readonly<
	{ kind: "direct" } | { kind: "stopped" } | { kind: "held"; until: number } | MeteredFlow
>;
export type MeteredFlow = Readonly<{
	kind: "metered";
	seats: number;
	calls: number;
	intervalMs?: number | undefined;
}>;

/** What a world adds to the settings of its queues. */
export type FlowLimits = Readonly<{
	/** Pumps at one waiting line, at most: 1, 2 or 4, so that each has the same number of the line's shards. */
	pumpSeats: number;
	/**
	 * Calls in flight for a queue that sets no limit and whose webhooks have not proved to answer quickly. Undefined
	 * where a slow queue cannot keep the others waiting anyway.
	 */
	unprovenConcurrency?: number | undefined;
}>;

/** The largest power of two up to `wanted` and `most`, at least one. */
const seatsFor = (wanted: number, most: number): number => {
	let seats = 1;
	while (seats * 2 <= Math.min(wanted, most)) seats *= 2;
	return seats;
};

const concurrentFlow = (calls: number, pumpSeats: number): MeteredFlow => ({
	kind: "metered",
	seats: seatsFor(calls, pumpSeats),
	calls,
});

const ratedFlow = (
	{ limit, per_seconds }: RateLimit,
	concurrency: number | null,
	pumpSeats: number,
): MeteredFlow => {
	const intervalMs = (per_seconds * 1_000) / limit;
	// As few pumps as can keep the pace: each of them spreads its own calls, one alone spreads all.
	const wanted = Math.ceil(1_000 / intervalMs / RATE_A_PUMP);
	const seats = seatsFor(Math.min(wanted, concurrency ?? wanted), pumpSeats);
	return { kind: "metered", seats, calls: concurrency ?? seats * CALLS_A_PUMP, intervalMs };
};

/** Whether a queue's webhooks have answered quickly since they last did not. */
export const isProven = ({ slowAt, quickAt }: Pick<Queue, "slowAt" | "quickAt">): boolean =>
	quickAt !== undefined && (slowAt === undefined || quickAt > slowAt);

/**
 * The flow of a queue at `now` (epoch ms). Where there is a limit for unproven queues they have one pump, so that
 * they hold up nobody else.
 */
export const flowOf = (queue: Queue, now: number, { pumpSeats, unprovenConcurrency }: FlowLimits): Flow => {
	const { settings, heldUntil = 0 } = queue;
	const { paused, rate_limit, concurrency } = settings;
	if (paused) return { kind: "stopped" };
	if (heldUntil > now) return { kind: "held", until: heldUntil };
	if (rate_limit) return ratedFlow(rate_limit, concurrency, pumpSeats);
	if (concurrency !== null) return concurrentFlow(concurrency, pumpSeats);
	if (unprovenConcurrency === undefined || isProven(queue)) return { kind: "direct" };
	return concurrentFlow(unprovenConcurrency, 1);
};

/** How pumps work off what is left in line when nothing holds the queue back any more. */
export const drainingFlow = ({ pumpSeats }: FlowLimits): MeteredFlow => ({
	kind: "metered",
	seats: pumpSeats,
	calls: pumpSeats * CALLS_A_PUMP,
});

/** A seat's part of `total` calls: the parts add up to it. */
export const shareOf = (total: number, seats: number, seat: number): number =>
	Math.floor(total / seats) + (seat < total % seats ? 1 : 0);
