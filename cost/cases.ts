/** A kind of task whose way through the service is measured. */
export type CostCase = Readonly<{
	label: string;
	payloadBytes: number;
	/** Tasks in one request. */
	perRequest: number;
	delaySeconds?: number;
	/** Whether the webhook answers the first attempt with 500. */
	failsOnce?: boolean;
}>;

const small = { payloadBytes: 200, perRequest: 1 };

export const costCases = {
	single: { ...small, label: "single create" },
	batch: { ...small, label: "batch-10 create", perRequest: 10 },
	retry: { ...small, label: "1 retry", failsOnce: true },
	delay: { ...small, label: "1-hour delay", delaySeconds: 3_600 },
	payload4: { ...small, label: "4 KB payload", payloadBytes: 4 * 1_024 },
	payload100: { ...small, label: "100 KB payload", payloadBytes: 100 * 1_024 },
} as const satisfies Record<string, CostCase>;

export type CaseName = keyof typeof costCases;
export const CASE_NAMES = Object.keys(costCases) as CaseName[];
