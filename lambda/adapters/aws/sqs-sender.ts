import { setTimeout as sleep } from "node:timers/promises";
import {
	type BatchResultErrorEntry,
	SendMessageBatchCommand,
	SendMessageCommand,
	type SQSClient,
} from "@aws-sdk/client-sqs";
import { MAX_QUEUE_DELAY_MS } from "../../core/dispatch-route.ts";
import type { Clock } from "../../ports.ts";
import { messageGroupId } from "./message-group.ts";

/** Entries of one SendMessageBatch (API reference). Ten of our messages are far below its 1 MiB. */
const MAX_ENTRIES = 10;

/** Pauses before a batch's refused entries are sent again. The SDK retries failed requests, never single entries. */
const RETRY_PAUSES_MS = [50, 200];

/** What every message of ours says: whose it is, and when it is due (epoch ms). */
export type SqsMessage = Readonly<{ team_id: string; queue: string; due_at: number }>;

type Options = Readonly<{ client: SQSClient; clock: Clock }>;

const batchesOf = (messages: readonly SqsMessage[]): SqsMessage[][] => {
	const batches: SqsMessage[][] = [];
	for (let from = 0; from < messages.length; from += MAX_ENTRIES)
		batches.push(messages.slice(from, from + MAX_ENTRIES));
	return batches;
};

/** Waits for all, so that nothing is still being sent when the caller hears that something was not. */
export const allSent = async (sends: readonly Promise<void>[]): Promise<void> => {
	const failed = (await Promise.allSettled(sends)).find(({ status }) => status === "rejected");
	if (failed?.status === "rejected") throw failed.reason;
};

/** Sends messages to standard queues, each in the message group of its tenant, to be received when it is due. */
export class SqsSender {
	readonly #client: SQSClient;
	readonly #clock: Clock;

	constructor({ client, clock }: Options) {
		this.#client = client;
		this.#clock = clock;
	}

	/** In batches; a message that is alone goes alone. */
	async send(queueUrl: string, messages: readonly SqsMessage[]): Promise<void> {
		const [first] = messages;
		if (first && messages.length === 1) return this.#sendOne(queueUrl, first);
		return allSent(batchesOf(messages).map((batch) => this.#sendBatch(queueUrl, batch)));
	}

	async #sendOne(queueUrl: string, message: SqsMessage): Promise<void> {
		await this.#client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...this.#entry(message) }));
	}

	async #sendBatch(queueUrl: string, messages: readonly SqsMessage[]): Promise<void> {
		let pending = messages;
		let refusals: readonly BatchResultErrorEntry[] = [];
		for (const pause of [0, ...RETRY_PAUSES_MS]) {
			if (pause > 0) await sleep(pause);
			refusals = await this.#trySend(queueUrl, pending);
			if (refusals.length === 0) return;
			// `SenderFault` means that the entry itself is wrong: it would be refused again.
			if (refusals.some(({ SenderFault }) => SenderFault)) break;
			const refused = new Set(refusals.map(({ Id }) => Id));
			pending = pending.filter((_, index) => refused.has(String(index)));
		}
		const codes = refusals.map(({ Code }) => Code).join(", ");
		throw new Error(`SQS refused ${refusals.length} of ${messages.length} messages: ${codes}`);
	}

	/** Returns the entries that SQS did not take. */
	async #trySend(
		queueUrl: string,
		messages: readonly SqsMessage[],
	): Promise<readonly BatchResultErrorEntry[]> {
		const { Failed } = await this.#client.send(
			new SendMessageBatchCommand({
				QueueUrl: queueUrl,
				Entries: messages.map((message, index) => ({ Id: String(index), ...this.#entry(message) })),
			}),
		);
		return Failed ?? [];
	}

	#entry(message: SqsMessage) {
		return {
			MessageBody: JSON.stringify(message),
			DelaySeconds: this.#delaySeconds(message.due_at),
			MessageGroupId: messageGroupId(message),
		};
	}

	/**
	 * SQS waits whole seconds only. Rounded up, a message is up to a second late; rounded down it would be early, and
	 * its handler would have to send it once more.
	 */
	#delaySeconds(dueAt: number): number {
		const waitMs = Math.min(Math.max(dueAt - this.#clock.now(), 0), MAX_QUEUE_DELAY_MS);
		return Math.ceil(waitMs / 1_000);
	}
}
