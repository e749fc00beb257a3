import type { DataKeyRing } from "../../data-key-ring.ts";
import type { Ports, WebhookClient } from "../../ports.ts";
import { CachedKeyCipher } from "../cached-key-cipher.ts";
import { CachedKeyStore } from "../cached-key-store.ts";
import { CachedQueueStore } from "../cached-queue-store.ts";
import { DataKeyCipher } from "../data-key-cipher.ts";
import { pinoLog } from "../pino-log.ts";
import { systemClock, systemRandom, systemTimer } from "../system.ts";
import { type AwsClients, awsClients } from "./clients.ts";
import type { AwsConfig } from "./config.ts";
import { DataKeys } from "./data-keys.ts";
import { DynamoIdempotencyStore } from "./dynamo-idempotency-store.ts";
import { DynamoJobStore } from "./dynamo-job-store.ts";
import { DynamoKeyStore } from "./dynamo-key-store.ts";
import { DynamoPumpSheetStore } from "./dynamo-pump-sheet-store.ts";
import { DynamoQueueStore } from "./dynamo-queue-store.ts";
import { DynamoTaskStore } from "./dynamo-task-store.ts";
import { DynamoWaitingLine } from "./dynamo-waiting-line.ts";
import { EventBridgeTaskScheduler } from "./eventbridge-task-scheduler.ts";
import { AWS_FLOW_LIMITS } from "./flow-limits.ts";
import { SqsDeliveryQueue } from "./sqs-delivery-queue.ts";
import { SqsWorkQueue } from "./sqs-work-queue.ts";

/** For functions that call no webhook: they need not carry what it takes. */
const noWebhooks: WebhookClient = {
	call: () => Promise.reject(new Error("This function was set up without a webhook client")),
};

type World = Readonly<{ webhooks?: WebhookClient; clients?: AwsClients }>;

/** The world that `cdk deploy` makes: made once per cold start, so that connections, keys and settings are kept. */
export const awsPorts = (
	config: AwsConfig,
	{ webhooks = noWebhooks, clients = awsClients() }: World = {},
): Ports & Readonly<{ dataKeys: DataKeyRing }> => {
	const { tableName, queueUrls, workQueueUrl, addressPolicy } = config;
	const { dynamodb, sqs, scheduler, kms } = clients;
	const table = { client: dynamodb, tableName };
	const [clock, timer] = [systemClock, systemTimer];
	const dataKeys = new DataKeys({ kms, keyId: config.kmsKeyId, dynamodb, tableName, clock });
	return {
		tasks: new DynamoTaskStore(table, clock),
		idempotency: new DynamoIdempotencyStore(table),
		queues: new CachedQueueStore({ store: new DynamoQueueStore(table, clock), clock, timer }),
		keys: new CachedKeyStore({ store: new DynamoKeyStore(table), clock, timer }),
		cipher: new CachedKeyCipher(new DataKeyCipher(dataKeys), clock),
		line: new DynamoWaitingLine(table),
		pumpSheets: new DynamoPumpSheetStore(table),
		jobs: new DynamoJobStore(table),
		deliveryQueue: new SqsDeliveryQueue({ client: sqs, queueUrls, clock }),
		workQueue: new SqsWorkQueue({ client: sqs, queueUrl: workQueueUrl, clock }),
		dataKeys,
		scheduler: new EventBridgeTaskScheduler({ client: scheduler, queueUrls, ...config.scheduler }),
		webhooks,
		clock,
		timer,
		random: systemRandom,
		log: pinoLog(config.logLevel),
		addressPolicy,
		flowLimits: AWS_FLOW_LIMITS,
	};
};
