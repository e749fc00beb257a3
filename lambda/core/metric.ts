/** What is measured, and in what: the names are the same in CloudWatch, for Prometheus and in docs/operations.md. */
export const METRICS = {
	created: "Count",
	delivered: "Count",
	failed: "Count",
	retried: "Count",
	parked: "Count",
	lag_ms: "Milliseconds",
	duration_ms: "Milliseconds",
	stalled: "Count",
	faults: "Count",
} as const satisfies Record<string, "Count" | "Milliseconds">;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** `value` is a number of things or of milliseconds; `queue` is absent where no queue is concerned. */
export type Measurement = Readonly<{ metric: MetricName; value: number; queue?: string | undefined }>;

export type LogLevel = "debug" | "info" | "warn" | "error";
type Fields = Readonly<Record<string, unknown>>;

const numberIn = (fields: Fields, name: string): number => Number(fields[name] ?? 0);
const queueOf = ({ queue }: Fields): string | undefined => (queue === undefined ? undefined : String(queue));

const AFTER_ATTEMPT: Readonly<Record<string, MetricName>> = {
	succeed: "delivered",
	retry_later: "retried",
	give_up: "failed",
};

const ofAttempt = (fields: Fields): Measurement[] => {
	const queue = queueOf(fields);
	const after = AFTER_ATTEMPT[String(fields["next"])];
	// A later attempt, or a task that has stood in line, is late through its webhook or its queue's limits.
	const isOurLag = fields["attempt"] === 1 && fields["parked"] !== true;
	return [
		...(after ? [{ metric: after, value: 1, queue }] : []),
		{ metric: "duration_ms", value: numberIn(fields, "duration_ms"), queue },
		// A clock that was set back makes less than nothing, of which CloudWatch takes no percentiles.
		...(isOurLag
			? [{ metric: "lag_ms", value: Math.max(0, numberIn(fields, "lag_ms")), queue } as const]
			: []),
	];
};

const ofDrained = (fields: Fields): Measurement[] =>
	fields["result"] === "closed" ? [{ metric: "failed", value: 1, queue: queueOf(fields) }] : [];

const byEvent: Readonly<Record<string, (fields: Fields) => Measurement[]>> = {
	"task.created": (fields) => [
		{ metric: "created", value: numberIn(fields, "tasks"), queue: queueOf(fields) },
	],
	"delivery.parked": (fields) => [
		{ metric: "parked", value: numberIn(fields, "tasks"), queue: queueOf(fields) },
	],
	"delivery.attempted": ofAttempt,
	"drain.handled": ofDrained,
	"pump.message_failed": ofDrained,
	"reconcile.finished": (fields) => [
		{ metric: "stalled", value: numberIn(fields, "stalled") + numberIn(fields, "jobs") },
	],
};

/** What an event of the log says in numbers, whether its line is written or not. */
export const measurementsOf = (level: LogLevel, event: string, fields: Fields): Measurement[] => [
	...(level === "error" ? [{ metric: "faults", value: 1 } as const] : []),
	...(byEvent[event]?.(fields) ?? []),
];
