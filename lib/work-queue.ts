import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { MAX_RECEIVES, WORK_VISIBILITY_SECONDS } from "../lambda/core/delivery-limits.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { ServiceQueue } from "./service-queue.ts";

const RETENTION_DAYS = 4;

/** Messages about queues as a whole: their waiting lines, and jobs over their tasks. With a dead-letter queue of its own. */
export class WorkQueue extends Construct {
	readonly queue: Queue;

	constructor(scope: Construct, id: string, deadLetters: DeadLetters) {
		super(scope, id);
		this.queue = new ServiceQueue(this, "Queue", {
			retentionDays: RETENTION_DAYS,
			visibilitySeconds: WORK_VISIBILITY_SECONDS,
			deadLetterQueue: { queue: deadLetters.addQueue("Work"), maxReceiveCount: MAX_RECEIVES },
		});
	}

	/** Lets `grantee` send to this queue, and nothing else. */
	grantSend(grantee: IGrantable): void {
		Grant.addToPrincipal({
			grantee,
			actions: ["sqs:SendMessage"],
			resourceArns: [this.queue.queueArn],
		});
	}
}
