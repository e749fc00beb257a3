import { Duration } from "aws-cdk-lib";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import { BATCH_SIZE } from "../lambda/core/delivery-limits.ts";
import { ServiceFunction } from "./service-function.ts";
import type { ServiceResources } from "./service-resources.ts";
import { API_PARTITIONS, KEY_PARTITIONS } from "./task-storage.ts";

/** Empties the dead-letter queues: what still has to happen is sent again, what cannot is closed with a reason. */
export class DeadLetterDrain extends Construct {
	readonly function: ServiceFunction;

	constructor(scope: Construct, id: string, resources: ServiceResources) {
		super(scope, id);
		const { storage, signingKey, lanes, work, deadLetters, schedule } = resources;
		const drain = new ServiceFunction(this, "Drain", resources, {
			entry: "drain",
			description: "sends dead letters again or closes their tasks",
			memoryMiB: 256,
			timeoutSeconds: 30,
			isInLoop: true,
		});
		this.function = drain;
		storage.grantExcept(drain, API_PARTITIONS, "GetItem", "Query");
		storage.grantExcept(drain, KEY_PARTITIONS, "PutItem", "UpdateItem");
		signingKey.grant(drain, "Decrypt");
		lanes.grantSend(drain);
		work.grantSend(drain);
		schedule.grant(drain, "CreateSchedule");
		for (const queue of deadLetters.drained) {
			drain.addEventSource(
				new SqsEventSource(queue, {
					batchSize: BATCH_SIZE,
					maxBatchingWindow: Duration.seconds(0),
					maxConcurrency: 2,
					reportBatchItemFailures: true,
				}),
			);
		}
	}
}
