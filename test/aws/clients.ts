import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type EmulatedAccount, REGION } from "./account.ts";

/** An operator's view of an emulated account. */
export const clientsOf = ({ endpoint }: EmulatedAccount) => {
	const common = {
		endpoint,
		region: REGION,
		credentials: { accessKeyId: "test", secretAccessKey: "test" },
	};
	return {
		dynamodb: new DynamoDBClient(common),
		kms: new KMSClient(common),
		scheduler: new SchedulerClient(common),
		sqs: new SQSClient({ ...common, useQueueUrlAsEndpoint: false }),
	};
};

export type Clients = ReturnType<typeof clientsOf>;
