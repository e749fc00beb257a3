/** The unfinished and the failed tasks of a queue. `exact` is false when there are at least so many. */
export type QueueCounts = Readonly<Record<"pending" | "active" | "failed", QueueCount>>;

/** `asOf` is when it was counted (epoch ms). */
export type QueueCount = Readonly<{ count: number; exact: boolean; asOf: number }>;
