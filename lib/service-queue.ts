import { Duration } from "aws-cdk-lib";
import { type DeadLetterQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { VISIBILITY_SECONDS } from "../lambda/core/delivery-limits.ts";

type ServiceQueueProps = Readonly<{
	retentionDays: number;
	deadLetterQueue?: DeadLetterQueue;
	/** How long a received message stays hidden; as long as a delivery needs, unless said otherwise. */
	visibilitySeconds?: number;
}>;

/** A standard queue with what all of ours have in common: encrypted, TLS only, visibility from the core's limits. */
export class ServiceQueue extends Queue {
	constructor(
		scope: Construct,
		id: string,
		{ retentionDays, deadLetterQueue, visibilitySeconds = VISIBILITY_SECONDS }: ServiceQueueProps,
	) {
		super(scope, id, {
			encryption: QueueEncryption.SQS_MANAGED,
			enforceSSL: true,
			visibilityTimeout: Duration.seconds(visibilitySeconds),
			retentionPeriod: Duration.days(retentionDays),
			...(deadLetterQueue && { deadLetterQueue }),
		});
	}
}
