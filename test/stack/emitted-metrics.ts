import type { Template } from "aws-cdk-lib/assertions";
import { EmbeddedMetrics } from "../../lambda/adapters/aws/embedded-metrics.ts";
import { meteredLog } from "../../lambda/adapters/metered-log.ts";
import { resourcesByPath } from "./resources.ts";

/** As in templates. */
export type Dimension = Readonly<{ Name: string; Value: string }>;

/** `metric{dimensions}` of everything that functions with this environment write to CloudWatch. */
export const emittedWith = (template: Template): Set<string> => {
	const { Variables } =
		resourcesByPath(template, "AWS::Lambda::Function")["Work/Work"]?.Properties["Environment"] ?? {};
	const lines: string[] = [];
	const queues: string[] = Variables.METRICS_QUEUES?.split(",") ?? [];
	const metrics = new EmbeddedMetrics({
		stackName: Variables.METRICS_STACK,
		queues,
		write: (line) => void lines.push(line),
		clock: Date,
	});
	const nothing = () => undefined;
	const log = meteredLog({ debug: nothing, info: nothing, warn: nothing, error: nothing }, metrics);
	for (const queue of [...queues, "another"]) {
		log.debug("task.created", { queue, tasks: 1 });
		log.debug("delivery.parked", { queue, tasks: 1 });
		for (const next of ["succeed", "retry_later", "give_up"])
			log.info("delivery.attempted", { queue, attempt: 1, lag_ms: 1, duration_ms: 1, next });
	}
	log.warn("reconcile.finished", { stalled: 1, jobs: 0 });
	log.error("api.failed", {});
	metrics.flush();
	return new Set(lines.flatMap((line) => extractedFrom(JSON.parse(line))));
};

/** What CloudWatch makes of a line, by the specification. */
// biome-ignore lint/suspicious/noExplicitAny: a line of the embedded metric format.
const extractedFrom = (line: any): string[] =>
	line._aws.CloudWatchMetrics.flatMap((directive: { Dimensions: string[][]; Metrics: { Name: string }[] }) =>
		directive.Metrics.flatMap(({ Name }) =>
			directive.Dimensions.map((set) =>
				nameOf(
					Name,
					set.map((name) => ({ Name: name, Value: line[name] })),
				),
			),
		),
	);

/** `metric{dimensions}`, the same however they are ordered. */
export const nameOf = (metric: string, dimensions: readonly Dimension[]): string =>
	`${metric}{${dimensions
		.map(({ Name, Value }) => `${Name}=${Value}`)
		.toSorted()
		.join()}}`;
