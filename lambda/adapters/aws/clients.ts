import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { toOwnFault } from "./aws-faults.ts";

/** A TLS connection inside a Region takes some 10 ms: after a second another try is worth more than patience. */
const CONNECTION_TIMEOUT_MS = 1_000;

/** A hundred times what these services usually take. The SDK's own default is to wait for ever. */
const REQUEST_TIMEOUT_MS = 3_000;

/**
 * One call thus takes 10 s at worst. The API makes two in a row, before API Gateway gives up after 30 s; a delivery
 * makes three beside a webhook call of 120 s, within the 150 s of its lease.
 */
const MAX_ATTEMPTS = 3;

/** A batch of 100 tasks is written by 50 calls at a time, over connections that stay open between invocations. */
const MAX_SOCKETS = 50;

/** One client per service for the life of the process. */
export type AwsClients = Readonly<{
	dynamodb: DynamoDBClient;
	sqs: SQSClient;
	scheduler: SchedulerClient;
	kms: KMSClient;
}>;

/** A client whose failures are our own codes, after the SDK's retries. */
const withOwnFaults = <Client extends DynamoDBClient | SQSClient | SchedulerClient | KMSClient>(
	client: Client,
): Client => {
	const { middlewareStack } = client as Pick<DynamoDBClient, "middlewareStack">;
	middlewareStack.add(
		(next) => async (args) => {
			try {
				return await next(args);
			} catch (error) {
				throw toOwnFault(error);
			}
		},
		{ name: "asyncQueueFaults", step: "initialize", priority: "high" },
	);
	return client;
};

/** Region, credentials and `AWS_ENDPOINT_URL` are found by the SDK itself. */
export const awsClients = (): AwsClients => {
	const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
	const common = {
		maxAttempts: MAX_ATTEMPTS,
		retryMode: "standard",
		requestHandler: new NodeHttpHandler({
			connectionTimeout: CONNECTION_TIMEOUT_MS,
			requestTimeout: REQUEST_TIMEOUT_MS,
			throwOnRequestTimeout: true,
			httpAgent: agent,
			httpsAgent: agent,
		}),
	};
	return {
		dynamodb: withOwnFaults(new DynamoDBClient(common)),
		// A queue's URL names the host of its Region, or of an emulator as seen from elsewhere: the endpoint decides.
		sqs: withOwnFaults(new SQSClient({ ...common, useQueueUrlAsEndpoint: false })),
		scheduler: withOwnFaults(new SchedulerClient(common)),
		kms: withOwnFaults(new KMSClient(common)),
	};
};
