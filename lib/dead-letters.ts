import type { DeadLetterQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { MAX_RECEIVES } from "../lambda/core/delivery-limits.ts";
import { ServiceQueue } from "./service-queue.ts";

/** As long as SQS keeps anything. */
const RETENTION_DAYS = 14;

/** SQS counts receives across all queues a message has been in, so a second queue's limit adds to the first one's. */
const RECEIVES_IN_DRAIN = 5;

/** Where messages end that even the drain cannot handle: kept for a person to look at, consumed by nobody. */
export class DeadLetters extends Construct {
	readonly quarantine: ServiceQueue;
	readonly drained: ServiceQueue[] = [];

	constructor(scope: Construct, id: string) {
		super(scope, id);
		this.quarantine = new ServiceQueue(this, "Quarantine", { retentionDays: RETENTION_DAYS });
	}

	/** A dead-letter queue that the drain empties. */
	addQueue(id: string): ServiceQueue {
		const toQuarantine: DeadLetterQueue = {
			queue: this.quarantine,
			maxReceiveCount: MAX_RECEIVES + RECEIVES_IN_DRAIN,
		};
		const queue = new ServiceQueue(this, id, {
			retentionDays: RETENTION_DAYS,
			deadLetterQueue: toQuarantine,
		});
		this.drained.push(queue);
		return queue;
	}
}
