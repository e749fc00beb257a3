import { LANES } from "../lambda/core/lane.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { DeliveryLanes } from "./delivery-lanes.ts";
import type { SigningKey } from "./signing-key.ts";
import type { StackConfig } from "./stack-config.ts";
import type { TaskSchedule } from "./task-schedule.ts";
import type { TaskStorage } from "./task-storage.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What the functions work on. */
export type ServiceResources = Readonly<{
	config: StackConfig;
	storage: TaskStorage;
	signingKey: SigningKey;
	lanes: DeliveryLanes;
	work: WorkQueue;
	deadLetters: DeadLetters;
	schedule: TaskSchedule;
}>;

/** The environment that the AWS world reads; the same for every function and for the operator's command line. */
export const serviceEnvironment = ({
	config,
	storage,
	signingKey,
	lanes,
	work,
	schedule,
}: ServiceResources): Record<string, string> => ({
	TABLE_NAME: storage.table.tableName,
	KMS_KEY_ID: signingKey.key.keyArn,
	...Object.fromEntries(
		LANES.map((lane) => [`QUEUE_URL_${lane.toUpperCase()}`, lanes.queues[lane].queueUrl]),
	),
	WORK_QUEUE_URL: work.queue.queueUrl,
	SCHEDULER_GROUP: schedule.groupName,
	SCHEDULER_ROLE_ARN: schedule.role.roleArn,
	SCHEDULER_DLQ_ARN: schedule.deadLetterQueue.queueArn,
	ALLOW_PRIVATE_WEBHOOKS: String(config.allowPrivateWebhooks),
	...(config.allowCidrs && { ALLOW_CIDRS: config.allowCidrs }),
	...(config.denyPorts && { DENY_PORTS: config.denyPorts }),
	LOG_LEVEL: config.logLevel,
	...(config.metrics && { METRICS_STACK: config.stackName }),
	...(config.metricQueues && { METRICS_QUEUES: config.metricQueues.join(",") }),
	...(config.teamRateLimit && {
		TEAM_RATE_LIMIT: `${config.teamRateLimit.requests}/${config.teamRateLimit.seconds}`,
	}),
});
