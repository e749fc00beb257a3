/** How exactly a world keeps time: to the second as SQS and EventBridge Scheduler do, or to the millisecond. */
export type TimePrecision = "aws" | "embedded";

export const precisionMs = (precision: TimePrecision): number => (precision === "aws" ? 1_000 : 1);

/** How long a message due at `dueAt` waits in a queue from `now` on: rounded up, so late rather than early. */
export const delayMs = (dueAt: number, now: number, precision: TimePrecision): number => {
	const stepMs = precisionMs(precision);
	return Math.ceil(Math.max(dueAt - now, 0) / stepMs) * stepMs;
};
