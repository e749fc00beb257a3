import { Aws } from "aws-cdk-lib";
import {
	Alarm,
	ComparisonOperator,
	type IMetric,
	MathExpression,
	type Metric,
	TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { LAG_OBJECTIVE_MS } from "../lambda/core/delivery-limits.ts";
import { LANES } from "../lambda/core/lane.ts";
import type { ServiceFunction } from "./service-function.ts";
import { PERIOD, schedulerMetric, serviceMetric } from "./service-metrics.ts";
import type { ServiceResources } from "./service-resources.ts";

/** Tasks that fail for good within a period before anybody is woken: single ones are their owner's business. */
const MANY_FAILED = 10;

/** A message may be 900 s old when it falls due, and come back after 330 s if its worker died. Twice that is wrong. */
const OLD_MESSAGE_SECONDS = 2_400;

/** A dead letter is drained at once, and again after each visibility timeout. */
const OLD_DEAD_LETTER_SECONDS = 900;

export type Monitored = Readonly<{ resources: ServiceResources; functions: readonly ServiceFunction[] }>;

/** Alarm when `metric` is at or above `threshold` for `periods` periods in a row. */
type Watch = Readonly<{ metric: IMetric; threshold: number; periods?: number; says: string }>;

const kebab = (id: string): string => id.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();

const sumOf = (metrics: readonly Metric[], label: string): MathExpression =>
	new MathExpression({
		expression: metrics.map((_, index) => `FILL(m${index},0)`).join("+"),
		usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
		label,
		period: PERIOD,
	});

const oldestOf = (queues: readonly Queue[]): MathExpression =>
	new MathExpression({
		expression: `MAX([${queues.map((_, index) => `m${index}`)}])`,
		usingMetrics: Object.fromEntries(queues.map((queue, index) => [`m${index}`, ageOf(queue)])),
		label: "age of the oldest dead letter (s)",
		period: PERIOD,
	});

const ageOf = (queue: Queue): Metric =>
	queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period: PERIOD });

/** What somebody has to be told of, by the name of its section in docs/operations.md. */
export class ServiceAlarms extends Construct {
	readonly topic: ITopic;
	readonly all: Alarm[] = [];

	constructor(scope: Construct, id: string, { resources, functions }: Monitored) {
		super(scope, id);
		const { config } = resources;
		this.topic = config.alarmTopicArn
			? Topic.fromTopicArn(this, "Topic", config.alarmTopicArn)
			: this.#newTopic();
		if (config.metrics) this.#watchTasks(resources);
		this.#watchMessages(resources);
		this.#watchServices(resources, functions);
	}

	/** Its policy replaces the one that SNS gives to topics, and under which alarms may publish. */
	#newTopic(): Topic {
		const topic = new Topic(this, "Topic", { displayName: "AsyncQueue alarms", enforceSSL: true });
		const conditions = { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } };
		topic.grantPublish(new ServicePrincipal("cloudwatch.amazonaws.com", { conditions }));
		return topic;
	}

	#watchTasks({ config }: ServiceResources): void {
		this.#watch("ScheduleLag", {
			metric: serviceMetric(config, "lag_ms", { statistic: "p99" }),
			threshold: LAG_OBJECTIVE_MS,
			periods: 3,
			says: "First attempts start later than promised.",
		});
		this.#watch("FailedTasks", {
			metric: serviceMetric(config, "failed"),
			threshold: MANY_FAILED,
			says: "Tasks fail for good.",
		});
		this.#watch("Faults", {
			metric: serviceMetric(config, "faults"),
			threshold: MANY_FAILED,
			says: "Requests or deliveries go wrong on our side.",
		});
		this.#watch("StalledWork", {
			metric: serviceMetric(config, "stalled"),
			threshold: 1,
			says: "Reconciliation has found tasks or jobs whose message was lost.",
		});
	}

	#watchMessages({ lanes, work, deadLetters }: ServiceResources): void {
		const watchAge = (name: string, queue: Queue): void =>
			this.#watch(`Oldest${name}Message`, {
				metric: ageOf(queue),
				threshold: OLD_MESSAGE_SECONDS,
				says: "Messages wait for much longer than any of them should.",
			});
		for (const lane of LANES) watchAge(lane.charAt(0).toUpperCase() + lane.slice(1), lanes.queues[lane]);
		watchAge("Work", work.queue);
		this.#watch("DeadLetters", {
			metric: oldestOf(deadLetters.drained),
			threshold: OLD_DEAD_LETTER_SECONDS,
			says: "Dead letters are not drained.",
		});
		this.#watch("Quarantine", {
			metric: deadLetters.quarantine.metricApproximateNumberOfMessagesVisible({
				statistic: "Maximum",
				period: PERIOD,
			}),
			threshold: 1,
			says: "There are messages that nobody can handle but a person.",
		});
	}

	#watchServices({ schedule }: ServiceResources, functions: readonly ServiceFunction[]): void {
		this.#watch("FunctionErrors", {
			metric: sumOf(
				functions.map((each) => each.metricErrors({ period: PERIOD })),
				"errors",
			),
			threshold: 1,
			says: "Functions crash, time out or give up.",
		});
		this.#watch("FunctionThrottles", {
			metric: sumOf(
				functions.map((each) => each.metricThrottles({ period: PERIOD })),
				"throttles",
			),
			threshold: 1,
			periods: 2,
			says: "Functions are not started for want of concurrency.",
		});
		this.#watch("SchedulesDropped", {
			metric: schedulerMetric(schedule.groupName, "InvocationDroppedCount"),
			threshold: 1,
			says: "EventBridge Scheduler has given up on schedules.",
		});
		this.#watch("ScheduleTargetErrors", {
			metric: schedulerMetric(schedule.groupName, "TargetErrorCount"),
			threshold: 1,
			periods: 2,
			says: "EventBridge Scheduler cannot send to the lanes.",
		});
	}

	#watch(id: string, { metric, threshold, periods = 1, says }: Watch): void {
		const alarm = new Alarm(this, id, {
			alarmDescription: `AsyncQueue: ${says} See docs/operations.md#${kebab(id)}`,
			metric,
			threshold,
			evaluationPeriods: periods,
			comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			treatMissingData: TreatMissingData.NOT_BREACHING,
		});
		const action = new SnsAction(this.topic);
		alarm.addAlarmAction(action);
		alarm.addOkAction(action);
		this.all.push(alarm);
	}
}
