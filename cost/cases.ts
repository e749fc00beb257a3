import type { QueueSettingsPatch } from "../lambda/core/queue.ts";

/** A kind of task whose way through the service is measured. */
export type CostCase = Readonly<{
	label: string;
	payloadBytes: number;
	/** Tasks in one request. */
	perRequest: number;
	delaySeconds?: number;
	/** Whether the webhook answers the first attempt with 500. */
	failsOnce?: boolean;
	/** What its queue is set to, other than the defaults. */
	settings?: QueueSettingsPatch;
	/** Whether the queue is paused until all tasks have arrived. */
	isPaused?: boolean;
}>;

const small = { payloadBytes: 200, perRequest: 1 };

export const costCases = {
	single: { ...small, label: "single create" },
	batch: { ...small, label: "batch-10 create", perRequest: 10 },
	retry: { ...small, label: "1 retry", failsOnce: true },
	delay: { ...small, label: "1-hour delay", delaySeconds: 3_600 },
	payload4: { ...small, label: "4 KB payload", payloadBytes: 4 * 1_024 },
	payload100: { ...small, label: "100 KB payload", payloadBytes: 100 * 1_024 },
	paused: { ...small, label: "paused queue", isPaused: true },
	rated: { ...small, label: "100 calls/s", settings: { rate_limit: { limit: 100, per_seconds: 1 } } },
	limited: { ...small, label: "50 at a time", settings: { concurrency: 50 } },
} as const satisfies Record<string, CostCase>;

export type CaseName = keyof typeof costCases;
export const CASE_NAMES = Object.keys(costCases) as CaseName[];
