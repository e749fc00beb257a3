import type { SQSClient } from "@aws-sdk/client-sqs";
import type { DeliveryMessage } from "../../core/delivery-message.ts";
import { LANES, type Lane, laneOf } from "../../core/lane.ts";
import type { Clock, DeliveryQueue } from "../../ports.ts";
import { allSent, SqsSender } from "./sqs-sender.ts";

export type LaneUrls = Readonly<Record<Lane, string>>;

type Options = Readonly<{ client: SQSClient; queueUrls: LaneUrls; clock: Clock }>;

/** One standard SQS queue per priority lane. */
export class SqsDeliveryQueue implements DeliveryQueue {
	readonly #sender: SqsSender;
	readonly #queueUrls: LaneUrls;

	constructor({ queueUrls, ...options }: Options) {
		this.#sender = new SqsSender(options);
		this.#queueUrls = queueUrls;
	}

	send(messages: readonly DeliveryMessage[]): Promise<void> {
		return allSent(
			LANES.map((lane) => {
				const inLane = messages.filter(({ priority }) => laneOf(priority) === lane);
				return this.#sender.send(this.#queueUrls[lane], inLane);
			}),
		);
	}
}
