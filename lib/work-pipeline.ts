import { Duration } from "aws-cdk-lib";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import { WORK_TIMEOUT_SECONDS } from "../lambda/core/delivery-limits.ts";
import { ServiceFunction } from "./service-function.ts";
import type { ServiceResources } from "./service-resources.ts";
import { API_PARTITIONS, KEY_PARTITIONS } from "./task-storage.ts";

/** Works off waiting lines within the limits of their queues, and carries out jobs. */
export class WorkPipeline extends Construct {
	readonly function: ServiceFunction;

	constructor(scope: Construct, id: string, resources: ServiceResources) {
		super(scope, id);
		const { config, storage, signingKey, lanes, work, schedule } = resources;
		const worker = new ServiceFunction(this, "Work", resources, {
			entry: "work",
			description: "works off waiting lines and carries out jobs",
			memoryMiB: 512,
			timeoutSeconds: WORK_TIMEOUT_SECONDS,
			isInLoop: true,
		});
		this.function = worker;
		storage.grantExcept(worker, API_PARTITIONS, "GetItem", "Query");
		storage.grantExcept(worker, KEY_PARTITIONS, "BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem");
		storage.grantQueryFailed(worker);
		lanes.grantSend(worker);
		work.grantSend(worker);
		schedule.grant(worker, "CreateSchedule", "DeleteSchedule");
		signingKey.grant(worker, "Decrypt");
		worker.addEventSource(
			new SqsEventSource(work.queue, {
				// One queue's line takes a whole invocation: a second message would wait for the first.
				batchSize: 1,
				maxBatchingWindow: Duration.seconds(0),
				maxConcurrency: config.concurrency,
				reportBatchItemFailures: true,
			}),
		);
	}
}
