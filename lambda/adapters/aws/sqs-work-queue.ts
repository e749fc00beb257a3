import type { SQSClient } from "@aws-sdk/client-sqs";
import type { WorkMessage } from "../../core/work-message.ts";
import type { Clock, WorkQueue } from "../../ports.ts";
import { SqsSender } from "./sqs-sender.ts";

type Options = Readonly<{ client: SQSClient; queueUrl: string; clock: Clock }>;

/** One standard SQS queue for work on queues as a whole. */
export class SqsWorkQueue implements WorkQueue {
	/** SQS waits whole seconds. */
	readonly precisionMs = 1_000;
	readonly #sender: SqsSender;
	readonly #queueUrl: string;

	constructor({ queueUrl, ...options }: Options) {
		this.#sender = new SqsSender(options);
		this.#queueUrl = queueUrl;
	}

	send(messages: readonly WorkMessage[]): Promise<void> {
		return this.#sender.send(this.#queueUrl, messages);
	}
}
