import { Aws } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { LAG_OBJECTIVE_MS } from "../lambda/core/delivery-limits.ts";
import type { ServiceFunction } from "./service-function.ts";
import { PERIOD, schedulerMetric, serviceMetric } from "./service-metrics.ts";
import type { ServiceResources } from "./service-resources.ts";

/** Tasks that fail for good within a period before anybody is woken: single ones are their owner's business. */
const MANY_FAILED = 10;

/** A message may be 900 s old when it falls due, and comes back 180 s after its worker died. Twice that is wrong. */
const OLD_MESSAGE_SECONDS = 2_400;

/** A dead letter is drained at once, and again after each visibility timeout. */
const OLD_DEAD_LETTER_SECONDS = 900;

export type Monitored = Readonly<{ resources: ServiceResources; functions: readonly ServiceFunction[] }>;

/** Alarm when `metric` is at or above `threshold` for `periods` periods in a row; `section` is that of the runbook. */
type Watch = Readonly<{
	section: string;
	metric: Metric;
	threshold: number;
	periods?: number;
	says: string;
}>;

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const ageOf = (queue: Queue): Metric =>
	queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period: PERIOD });

/**
 * What somebody has to be told of. One metric each, so that an alarm names what it is about; one that adds several up
 * would cost as much.
 */
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
		this.#watchFunctions(functions);
		this.#watchSchedules(resources);
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
			section: "schedule-lag",
			metric: serviceMetric(config, "lag_ms", { statistic: "p99" }),
			threshold: LAG_OBJECTIVE_MS,
			periods: 3,
			says: "First attempts start later than promised.",
		});
		this.#watch("FailedTasks", {
			section: "failed-tasks",
			metric: serviceMetric(config, "failed"),
			threshold: MANY_FAILED,
			says: "Tasks fail for good.",
		});
		this.#watch("Faults", {
			section: "faults",
			metric: serviceMetric(config, "faults"),
			threshold: MANY_FAILED,
			says: "Requests or deliveries go wrong on our side.",
		});
		this.#watch("StalledWork", {
			section: "stalled-work",
			metric: serviceMetric(config, "stalled"),
			threshold: 1,
			says: "Reconciliation has found tasks or jobs whose message was lost.",
		});
	}

	#watchMessages({ lanes, work, deadLetters }: ServiceResources): void {
		const consumed = { ...lanes.queues, work: work.queue };
		for (const [name, queue] of Object.entries(consumed))
			this.#watch(`Oldest${capitalized(name)}Message`, {
				section: "oldest-message",
				metric: ageOf(queue),
				threshold: OLD_MESSAGE_SECONDS,
				says: "Messages wait for much longer than any of them should.",
			});
		for (const queue of deadLetters.drained)
			this.#watch(`DeadLetters${queue.node.id}`, {
				section: "dead-letters",
				metric: ageOf(queue),
				threshold: OLD_DEAD_LETTER_SECONDS,
				says: "Dead letters are not drained.",
			});
		this.#watch("Quarantine", {
			section: "quarantine",
			metric: deadLetters.quarantine.metricApproximateNumberOfMessagesVisible({
				statistic: "Maximum",
				period: PERIOD,
			}),
			threshold: 1,
			says: "There are messages that nobody can handle but a person.",
		});
	}

	#watchFunctions(functions: readonly ServiceFunction[]): void {
		for (const each of functions) {
			this.#watch(`${each.node.id}Errors`, {
				section: "function-errors",
				metric: each.metricErrors({ period: PERIOD }),
				threshold: 1,
				says: "A function crashes, times out or gives up.",
			});
			this.#watch(`${each.node.id}Throttles`, {
				section: "function-throttles",
				metric: each.metricThrottles({ period: PERIOD }),
				threshold: 1,
				periods: 2,
				says: "A function is not started for want of concurrency.",
			});
		}
	}

	#watchSchedules({ schedule }: ServiceResources): void {
		this.#watch("SchedulesDropped", {
			section: "schedules-dropped",
			metric: schedulerMetric(schedule.groupName, "InvocationDroppedCount"),
			threshold: 1,
			says: "EventBridge Scheduler has given up on schedules.",
		});
		this.#watch("ScheduleTargetErrors", {
			section: "schedule-target-errors",
			metric: schedulerMetric(schedule.groupName, "TargetErrorCount"),
			threshold: 1,
			periods: 2,
			says: "EventBridge Scheduler cannot send to the lanes.",
		});
	}

	#watch(id: string, { section, metric, threshold, periods = 1, says }: Watch): void {
		const alarm = new Alarm(this, id, {
			alarmDescription: `AsyncQueue: ${says} See docs/operations.md#${section}`,
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
