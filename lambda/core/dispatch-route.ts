/** Longest per-message delay of SQS (`DelaySeconds`, SendMessage API reference). */
export const MAX_QUEUE_DELAY_MS = 900_000;

/** EventBridge Scheduler fires within 60 s of its time; the rest of the lead is for the hop to the queue. */
const SCHEDULER_LEAD_MS = 90_000;

export type DispatchRoute = Readonly<{ via: "queue" } | { via: "scheduler"; fireAt: number }>;

/** How a message due at `dueAt` waits (both epoch ms): in the queue itself, or with the scheduler until shortly before. */
export const dispatchRoute = (dueAt: number, now: number): DispatchRoute =>
	dueAt - now <= MAX_QUEUE_DELAY_MS
		? { via: "queue" }
		: { via: "scheduler", fireAt: dueAt - SCHEDULER_LEAD_MS };
