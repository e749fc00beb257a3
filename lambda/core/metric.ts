/** What is measured, by the name it has everywhere: in CloudWatch, for Prometheus and in the documentation. */
export const METRICS = {
	created: { unit: "Count", help: "Tasks accepted" },
	delivered: { unit: "Count", help: "Tasks completed: their webhook answered 2xx" },
	failed: { unit: "Count", help: "Tasks that failed for good" },
	retried: { unit: "Count", help: "Attempts that failed and will be made again" },
	parked: { unit: "Count", help: "Due tasks put in a waiting line: their queue is paused, limited or slow" },
	lag_ms: {
		unit: "Milliseconds",
		help: "From due to the start of the first attempt, where nothing but the service was in the way",
	},
	duration_ms: { unit: "Milliseconds", help: "Duration of calls to webhooks" },
	stalled: { unit: "Count", help: "Tasks and jobs whose message was lost, found by reconciliation" },
	faults: { unit: "Count", help: "Log lines of level error: what went wrong on our side" },
} as const satisfies Record<string, Readonly<{ unit: "Count" | "Milliseconds"; help: string }>>;

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
