import { Counter, Histogram, Registry } from "prom-client";
import type { Metrics } from "../lambda/adapters/metered-log.ts";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import { METRIC_NAMES, METRICS, type Measurement, type MetricName } from "../lambda/core/metric.ts";
import { OTHER_QUEUES } from "../lambda/core/metric-queues.ts";
import type { ApiEvent, ApiResult } from "../lambda/middleware/api-event.ts";

export const METRICS_PATH = "/metrics";

/** Queues after the first so many are counted as one: whoever creates tasks must not be able to fill the memory. */
const MAX_QUEUES = 100;

/** Milliseconds: the lag that is promised (1 s) and the longest call there can be (120 s) are borders. */
const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000];

const HELP: Readonly<Record<MetricName, string>> = {
	created: "Tasks accepted",
	delivered: "Tasks completed: their webhook answered 2xx",
	failed: "Tasks that failed for good",
	retried: "Attempts that failed and will be made again",
	parked: "Due tasks put in a waiting line",
	lag_ms: "From due to the start of the first attempt, of tasks that have not been in line",
	duration_ms: "Duration of calls to webhooks",
	stalled: "Tasks and jobs whose message was lost, found by reconciliation",
	faults: "Log lines of level error: what went wrong on our side",
};

const labelNames = ["queue"] as const;

/** Counts that nobody may have a queue for. A dead letter that is closed does not say whose it was. */
const WITHOUT_QUEUE = ["failed", "stalled", "faults"] as const satisfies readonly MetricName[];

/** Counts that each queue has. */
const OF_QUEUES = [
	"created",
	"delivered",
	"failed",
	"retried",
	"parked",
] as const satisfies readonly MetricName[];

/**
 * What this process has measured since its start, in the text format of Prometheus. Counters are shown at 0 before there
 * is anything to count: `increase()` sees nothing in a counter that appears with its first event, nor would an alarm.
 */
export class PrometheusMetrics implements Metrics {
	readonly #registry = new Registry();
	readonly #counters = new Map<MetricName, Counter<"queue">>();
	readonly #histograms = new Map<MetricName, Histogram<"queue">>();
	readonly #queues = new Set<string>();

	constructor() {
		for (const metric of METRIC_NAMES) {
			const common = { help: HELP[metric], labelNames, registers: [this.#registry] };
			if (METRICS[metric] === "Count")
				this.#counters.set(metric, new Counter({ ...common, name: `asyncqueue_${metric}_total` }));
			else
				this.#histograms.set(
					metric,
					new Histogram({ ...common, name: `asyncqueue_${metric}`, buckets: BUCKETS_MS }),
				);
		}
		for (const metric of WITHOUT_QUEUE) this.#counters.get(metric)?.inc({}, 0);
	}

	add({ metric, value, queue }: Measurement): void {
		const labels = queue === undefined ? {} : { queue: this.#labelOf(queue) };
		this.#counters.get(metric)?.inc(labels, value);
		this.#histograms.get(metric)?.observe(labels, value);
	}

	/** Answers `GET /metrics`. */
	async handle({ requestContext: { http } }: ApiEvent): Promise<ApiResult> {
		if (http.method !== "GET")
			throw new AsyncQueueError("method_not_allowed", `${METRICS_PATH} does not answer to ${http.method}`, {
				headers: { allow: "GET" },
			});
		const { contentType } = this.#registry;
		return {
			statusCode: 200,
			headers: { "content-type": contentType },
			body: await this.#registry.metrics(),
		};
	}

	#labelOf(queue: string): string {
		if (this.#queues.has(queue)) return queue;
		const label = this.#queues.size < MAX_QUEUES ? queue : OTHER_QUEUES;
		if (label === queue) this.#queues.add(queue);
		for (const metric of OF_QUEUES) this.#counters.get(metric)?.inc({ queue: label }, 0);
		return label;
	}
}
