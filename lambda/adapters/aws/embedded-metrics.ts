import { blackOut } from "../../core/black-out.ts";
import { METRICS, type Measurement, type MetricName } from "../../core/metric.ts";
import { OTHER_QUEUES } from "../../core/metric-queues.ts";
import type { Clock } from "../../ports.ts";
import type { Metrics } from "../metered-log.ts";

/** Where CloudWatch keeps our metrics, each under the dimension `stack`, and perhaps under `stack` and `queue`. */
export const METRIC_NAMESPACE = "AsyncQueue";

/** Values of one metric that a line may have at most, by the specification. */
const MAX_VALUES = 100;

type Options = Readonly<{
	stackName: string;
	/** Queues with metrics of their own; with none there are only those of the stack. */
	queues: readonly string[];
	/** Takes whole lines, each with its newline. */
	write: (line: string) => void;
	clock: Clock;
}>;

/** Counts are added up; of what takes time each value is kept, for the percentiles. */
type Collected = Map<MetricName, number | number[]>;

/**
 * Metrics as lines of the log that CloudWatch reads them from: no calls, no waiting. What one invocation measures is
 * one line, and one more for each queue with metrics of its own
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
export class EmbeddedMetrics implements Metrics {
	readonly #options: Options;
	/** By queue; "" is for what has none, or none of its own. */
	readonly #collected = new Map<string, Collected>();

	constructor(options: Options) {
		this.#options = options;
	}

	add({ metric, value, queue }: Measurement): void {
		// A count of nothing says nothing, and would cost a line.
		if (METRICS[metric] === "Count" && value === 0) return;
		const label = this.#labelOf(queue);
		const collected: Collected = this.#collected.get(label) ?? new Map();
		this.#collected.set(label, collected);
		const known = collected.get(metric);
		if (METRICS[metric] === "Count") collected.set(metric, Number(known ?? 0) + value);
		else if (Array.isArray(known)) known.push(value);
		else collected.set(metric, [value]);
		if (Array.isArray(known) && known.length === MAX_VALUES) this.#write(label, collected);
	}

	/** Writes what there is; to be called when an invocation ends. */
	flush(): void {
		for (const [label, collected] of this.#collected) this.#write(label, collected);
	}

	#labelOf(queue: string | undefined): string {
		const { queues } = this.#options;
		if (queue === undefined || queues.length === 0) return "";
		return queues.includes(queue) ? queue : OTHER_QUEUES;
	}

	#write(queue: string, collected: Collected): void {
		this.#collected.delete(queue);
		const { stackName, write, clock } = this.#options;
		const directive = {
			Namespace: METRIC_NAMESPACE,
			Dimensions: queue === "" ? [["stack"]] : [["stack"], ["stack", "queue"]],
			Metrics: [...collected.keys()].map((Name) => ({ Name, ...unitOf(Name) })),
		};
		const line = {
			_aws: { Timestamp: clock.now(), CloudWatchMetrics: [directive] },
			stack: stackName,
			...(queue !== "" && { queue }),
			...Object.fromEntries(collected),
		};
		write(blackOut(`${JSON.stringify(line)}\n`));
	}
}

/** Counts need none, and every byte is paid for. */
const unitOf = (metric: MetricName) => (METRICS[metric] === "Count" ? {} : { Unit: METRICS[metric] });
