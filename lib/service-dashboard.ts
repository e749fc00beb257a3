import {
	AlarmStatusWidget,
	Dashboard,
	GraphWidget,
	type IAlarm,
	type IMetric,
	TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { LAG_OBJECTIVE_MS } from "../lambda/core/delivery-limits.ts";
import { LANES } from "../lambda/core/lane.ts";
import { OTHER_QUEUES } from "../lambda/core/metric-queues.ts";
import type { Monitored } from "./service-alarms.ts";
import { PERIOD, schedulerMetric, serviceMetric } from "./service-metrics.ts";
import type { ServiceResources } from "./service-resources.ts";
import type { StackConfig } from "./stack-config.ts";

/** Of the 24 columns that CloudWatch has. */
const HALF = 12;

const TASK_COUNTS = ["created", "delivered", "failed", "retried", "parked"] as const;

const graph = (title: string, ...left: IMetric[]): GraphWidget =>
	new GraphWidget({ title, left, width: HALF, leftYAxis: { min: 0 } });

const percentiles = (config: StackConfig, metric: "lag_ms" | "duration_ms"): IMetric[] =>
	["p50", "p99"].map((statistic) => serviceMetric(config, metric, { statistic, label: statistic }));

type DashboardProps = Monitored & Readonly<{ alarms: readonly IAlarm[] }>;

/** All that there is to see of a stack, on one page. */
export class ServiceDashboard extends Construct {
	constructor(scope: Construct, id: string, props: DashboardProps) {
		super(scope, id);
		const { resources, functions, alarms } = props;
		const { config } = resources;
		const dashboard = new Dashboard(this, "Dashboard");
		dashboard.addWidgets(
			new TextWidget({
				markdown: `# ${config.stackName}\nWhat to do about an alarm: \`docs/operations.md\``,
				width: HALF,
				height: 4,
			}),
			new AlarmStatusWidget({ alarms: [...alarms], width: HALF, height: 4 }),
		);
		if (config.metrics) this.#showTasks(dashboard, config);
		this.#showMessages(dashboard, resources);
		dashboard.addWidgets(
			graph("Errors", ...functions.map((each) => each.metricErrors({ label: each.node.id, period: PERIOD }))),
			graph(
				"Throttles",
				...functions.map((each) => each.metricThrottles({ label: each.node.id, period: PERIOD })),
			),
		);
	}

	#showTasks(dashboard: Dashboard, config: StackConfig): void {
		dashboard.addWidgets(
			graph("Tasks", ...TASK_COUNTS.map((metric) => serviceMetric(config, metric, { label: metric }))),
			new GraphWidget({
				title: "Lag: due → first attempt (ms)",
				left: percentiles(config, "lag_ms"),
				leftAnnotations: [{ value: LAG_OBJECTIVE_MS, label: "objective for p99" }],
				leftYAxis: { min: 0 },
				width: HALF,
			}),
			graph("Duration of calls (ms)", ...percentiles(config, "duration_ms")),
			graph(
				"Faults of ours",
				serviceMetric(config, "faults", { label: "faults" }),
				serviceMetric(config, "stalled", { label: "stalled" }),
			),
		);
		if (config.metricQueues === undefined) return;
		const queues = [...config.metricQueues, OTHER_QUEUES];
		const perQueue = (metric: "failed" | "lag_ms") =>
			queues.map((queue) => serviceMetric(config, metric, { queue, label: queue }));
		dashboard.addWidgets(
			graph("Failed tasks by queue", ...perQueue("failed")),
			graph("Lag p99 by queue (ms)", ...perQueue("lag_ms")),
		);
	}

	#showMessages(dashboard: Dashboard, { lanes, work, deadLetters, schedule }: ServiceResources): void {
		const queues = [...LANES.map((lane) => lanes.queues[lane]), work.queue];
		dashboard.addWidgets(
			graph(
				"Age of the oldest message (s)",
				...queues.map((queue) =>
					queue.metricApproximateAgeOfOldestMessage({ label: queue.node.path, period: PERIOD }),
				),
			),
			graph(
				"Messages that are due",
				...queues.map((queue) =>
					queue.metricApproximateNumberOfMessagesVisible({ label: queue.node.path, period: PERIOD }),
				),
			),
			graph(
				"Dead letters",
				...[...deadLetters.drained, deadLetters.quarantine].map((queue) =>
					queue.metricApproximateNumberOfMessagesVisible({ label: queue.node.id, period: PERIOD }),
				),
			),
			graph(
				"Schedules",
				...["InvocationAttemptCount", "InvocationDroppedCount", "TargetErrorCount"].map((name) =>
					schedulerMetric(schedule.groupName, name),
				),
			),
		);
	}
}
