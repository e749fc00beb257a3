import { KMSClient } from "@aws-sdk/client-kms";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SQSClient } from "@aws-sdk/client-sqs";
import { callingAwsPorts } from "../lambda/adapters/aws/calling-aws-ports.ts";
import type { AwsConfig } from "../lambda/adapters/aws/config.ts";
import { meteredFunction } from "../lambda/adapters/aws/metered-function.ts";
import { SqsDeliveryQueue } from "../lambda/adapters/aws/sqs-delivery-queue.ts";
import { SqsWorkQueue } from "../lambda/adapters/aws/sqs-work-queue.ts";
import { addressPolicy } from "../lambda/core/address-policy.ts";
import type { Ports } from "../lambda/ports.ts";
import { CapacityMeter } from "../test/support/capacity-meter.ts";
import type { DynamoDbLocal, TestTable } from "../test/support/dynamodb-local.ts";
import { ASSUMED_MS } from "./assumptions.ts";
import { LOG_KILOBYTE } from "./billed-units.ts";
import { ForwardClock } from "./forward-clock.ts";
import { answerForKeys } from "./local-keys.ts";
import { LocalQueues } from "./local-queues.ts";
import { LocalSchedules } from "./local-schedules.ts";
import { LocalService, UnhurriedHttpHandler } from "./local-service.ts";
import { Tally } from "./tally.ts";

const QUEUES = "https://sqs.us-east-1.amazonaws.com/000000000000";
/** The one queue that does not hold deliveries. */
export const WORK_QUEUE_URL = `${QUEUES}/work`;
const QUEUE_ARNS = "arn:aws:sqs:us-east-1:000000000000";
/** As many as the functions have (see adapters/aws/clients.ts). */
const MAX_SOCKETS = 50;

const configFor = (tableName: string): AwsConfig => ({
	tableName,
	queueUrls: { high: `${QUEUES}/high`, normal: `${QUEUES}/normal`, low: `${QUEUES}/low` },
	workQueueUrl: WORK_QUEUE_URL,
	scheduler: {
		group: "asyncqueue",
		roleArn: "arn:aws:iam::000000000000:role/asyncqueue-scheduler",
		deadLetterArn: `${QUEUE_ARNS}:schedule-dead-letters`,
	},
	kmsKeyId: "00000000-0000-0000-0000-000000000000",
	addressPolicy: addressPolicy({ allowPrivate: true }),
	// As deployed unless the operator says otherwise.
	logLevel: "info",
	metrics: { stackName: "AsyncQueue-prod", queues: [] },
});

type Handler<Event, Result> = (event: Event, context: unknown) => Promise<Result>;
type HandlerOf<Event, Result> = (ports: Ports) => Handler<Event, Result>;

/** The aws world with every billed thing counted. SQS, Scheduler and KMS answer in this process. */
export type MeteredWorld = Readonly<{
	clock: ForwardClock;
	tally: Tally;
	capacity: CapacityMeter;
	queues: LocalQueues;
	schedules: LocalSchedules;
	/** What another function has: adapters and caches of its own. */
	newPorts: () => Ports;
	/** A handler as it is deployed, on ports of its own: what it prints is counted. */
	newFunction: <Event, Result>(handlerOf: HandlerOf<Event, Result>) => Handler<Event, Result>;
	close: () => void;
}>;

const meteredClients = (
	dynamoDb: DynamoDbLocal,
	{ queues, schedules, tally }: Pick<MeteredWorld, "queues" | "schedules" | "tally">,
) => {
	const common = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
	const httpAgent = { keepAlive: true, maxSockets: MAX_SOCKETS };
	return {
		dynamodb: dynamoDb.connect({
			requestHandler: new UnhurriedHttpHandler(ASSUMED_MS.dynamoDb, { httpAgent }),
		}),
		sqs: new SQSClient({
			...common,
			requestHandler: new LocalService(ASSUMED_MS.sqs, (call) => queues.answer(call)),
		}),
		scheduler: new SchedulerClient({
			...common,
			requestHandler: new LocalService(ASSUMED_MS.scheduler, (call) => schedules.answer(call)),
		}),
		kms: new KMSClient({
			...common,
			requestHandler: new LocalService(ASSUMED_MS.kms, answerForKeys(tally)),
		}),
	};
};

export const meteredWorld = (dynamoDb: DynamoDbLocal, { tableName }: TestTable): MeteredWorld => {
	const clock = new ForwardClock();
	const tally = new Tally();
	const queues = new LocalQueues(tally, clock);
	const schedules = new LocalSchedules();
	const clients = meteredClients(dynamoDb, { queues, schedules, tally });
	const config = configFor(tableName);
	const newPorts = (): Ports => ({
		...callingAwsPorts(config, clients),
		deliveryQueue: new SqsDeliveryQueue({ client: clients.sqs, queueUrls: config.queueUrls, clock }),
		workQueue: new SqsWorkQueue({ client: clients.sqs, queueUrl: config.workQueueUrl, clock }),
		clock,
	});
	const write = (line: string) => tally.add("logKilobytes", Buffer.byteLength(line.trimEnd()) / LOG_KILOBYTE);
	const newFunction: MeteredWorld["newFunction"] = (handlerOf) =>
		meteredFunction(config, newPorts(), handlerOf, { write });
	const close = () => {
		for (const client of Object.values(clients)) client.destroy();
	};
	const capacity = new CapacityMeter(clients.dynamodb);
	return { clock, tally, capacity, queues, schedules, newPorts, newFunction, close };
};

/** The queue that a schedule's target names. */
export const queueUrlOf = (arn: string): string => `${QUEUES}/${arn.split(":").at(-1)}`;
