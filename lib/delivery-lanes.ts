import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { MAX_RECEIVES } from "../lambda/core/delivery-limits.ts";
import { LANES, type Lane } from "../lambda/core/lane.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { ServiceQueue } from "./service-queue.ts";

const RETENTION_DAYS = 4;

const constructId = (lane: Lane): string => lane.charAt(0).toUpperCase() + lane.slice(1);

/** One queue per priority lane, each with a dead-letter queue of its own. */
export class DeliveryLanes extends Construct {
	readonly queues: Readonly<Record<Lane, Queue>>;

	constructor(scope: Construct, id: string, deadLetters: DeadLetters) {
		super(scope, id);
		const lane = (name: Lane): Queue =>
			new ServiceQueue(this, constructId(name), {
				retentionDays: RETENTION_DAYS,
				deadLetterQueue: {
					queue: deadLetters.addQueue(constructId(name)),
					maxReceiveCount: MAX_RECEIVES,
				},
			});
		this.queues = { high: lane("high"), normal: lane("normal"), low: lane("low") };
	}

	/** Lets `grantee` send to every lane, and nothing else. */
	grantSend(grantee: IGrantable): void {
		Grant.addToPrincipal({
			grantee,
			actions: ["sqs:SendMessage"],
			resourceArns: LANES.map((lane) => this.queues[lane].queueArn),
		});
	}
}
