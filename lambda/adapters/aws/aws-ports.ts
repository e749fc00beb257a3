import type { Ports } from "../../ports.ts";
import { CachedKeyCipher } from "../cached-key-cipher.ts";
import { CachedKeyStore } from "../cached-key-store.ts";
import { CachedQueueStore } from "../cached-queue-store.ts";
import { UndiciWebhookClient } from "../http/undici-webhook-client.ts";
import { pinoLog } from "../pino-log.ts";
import { systemClock, systemRandom } from "../system.ts";
import { type AwsClients, awsClients } from "./clients.ts";
import type { AwsConfig } from "./config.ts";
import { DataKeys } from "./data-keys.ts";
import { DynamoIdempotencyStore } from "./dynamo-idempotency-store.ts";
import { DynamoKeyStore } from "./dynamo-key-store.ts";
import { DynamoQueueStore } from "./dynamo-queue-store.ts";
import { DynamoTaskStore } from "./dynamo-task-store.ts";
import { EventBridgeTaskScheduler } from "./eventbridge-task-scheduler.ts";
import { KmsKeyCipher } from "./kms-key-cipher.ts";
import { SqsDeliveryQueue } from "./sqs-delivery-queue.ts";

/** The world that `cdk deploy` makes: made once per cold start, so that connections, keys and settings are kept. */
export const awsPorts = (config: AwsConfig, clients: AwsClients = awsClients()): Ports => {
	const { tableName, queueUrls, allowPrivateWebhooks } = config;
	const { dynamodb, sqs, scheduler, kms } = clients;
	const table = { client: dynamodb, tableName };
	const dataKeys = new DataKeys({ kms, keyId: config.kmsKeyId, dynamodb, tableName });
	return {
		tasks: new DynamoTaskStore(table),
		idempotency: new DynamoIdempotencyStore(table),
		queues: new CachedQueueStore(new DynamoQueueStore(table), systemClock),
		keys: new CachedKeyStore(new DynamoKeyStore(table), systemClock),
		cipher: new CachedKeyCipher(new KmsKeyCipher(dataKeys), systemClock),
		deliveryQueue: new SqsDeliveryQueue({ client: sqs, queueUrls, clock: systemClock }),
		scheduler: new EventBridgeTaskScheduler({ client: scheduler, queueUrls, ...config.scheduler }),
		webhooks: new UndiciWebhookClient({ allowPrivate: allowPrivateWebhooks }),
		clock: systemClock,
		random: systemRandom,
		log: pinoLog(config.logLevel),
		allowPrivateWebhooks,
	};
};
