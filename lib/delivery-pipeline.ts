import { Duration } from "aws-cdk-lib";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import { BATCH_SIZE, LEASE_SECONDS } from "../lambda/core/delivery-limits.ts";
import { LANES } from "../lambda/core/lane.ts";
import { ServiceFunction } from "./service-function.ts";
import type { ServiceResources } from "./service-resources.ts";
import { API_PARTITIONS, KEY_PARTITIONS } from "./task-storage.ts";

/** Takes due tasks from the lanes and calls their webhooks. Each lane has consumers of its own: none waits for another. */
export class DeliveryPipeline extends Construct {
	readonly function: ServiceFunction;

	constructor(scope: Construct, id: string, resources: ServiceResources) {
		super(scope, id);
		const { config, storage, signingKey, lanes, work, schedule } = resources;
		const deliver = new ServiceFunction(this, "Deliver", resources, {
			entry: "deliver",
			description: "calls webhooks",
			memoryMiB: 512,
			// Not longer than a lease, so that no claim can run out under a worker that is still alive.
			timeoutSeconds: LEASE_SECONDS,
			isInLoop: true,
		});
		this.function = deliver;
		storage.grantExcept(deliver, API_PARTITIONS, "GetItem", "Query");
		storage.grantExcept(deliver, KEY_PARTITIONS, "BatchWriteItem", "PutItem", "UpdateItem");
		lanes.grantSend(deliver);
		work.grantSend(deliver);
		schedule.grant(deliver, "CreateSchedule");
		signingKey.grant(deliver, "Decrypt");
		for (const lane of LANES) {
			deliver.addEventSource(
				new SqsEventSource(lanes.queues[lane], {
					batchSize: BATCH_SIZE,
					maxBatchingWindow: Duration.seconds(0),
					maxConcurrency: config.concurrency,
					reportBatchItemFailures: true,
				}),
			);
		}
	}
}
