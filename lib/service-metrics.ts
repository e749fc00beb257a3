import { Duration } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { METRIC_NAMESPACE } from "../lambda/adapters/aws/embedded-metrics.ts";
import { METRICS, type MetricName } from "../lambda/core/metric.ts";
import type { StackConfig } from "./stack-config.ts";

/** What metrics are added up over. */
export const PERIOD = Duration.minutes(5);

/** A metric that the functions write, as CloudWatch knows it: of the stack, or of one of its queues. */
export const serviceMetric = (
	{ stackName }: StackConfig,
	metric: MetricName,
	{ queue, ...options }: MetricOptions & { queue?: string } = {},
): Metric =>
	new Metric({
		namespace: METRIC_NAMESPACE,
		metricName: metric,
		dimensionsMap: { stack: stackName, ...(queue !== undefined && { queue }) },
		statistic: METRICS[metric] === "Count" ? "Sum" : "p99",
		period: PERIOD,
		...options,
	});

/** A metric of EventBridge Scheduler about one schedule group. */
export const schedulerMetric = (groupName: string, metricName: string): Metric =>
	new Metric({
		namespace: "AWS/Scheduler",
		metricName,
		dimensionsMap: { ScheduleGroup: groupName },
		statistic: "Sum",
		period: PERIOD,
	});
