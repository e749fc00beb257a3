import { createHash, randomUUID } from "node:crypto";
import type { Clock } from "../lambda/ports.ts";
import { sqsRequests } from "./billed-units.ts";
import type { ServiceCall } from "./local-service.ts";
import type { Tally } from "./tally.ts";

/** `visibleAt` is epoch ms. */
export type QueuedMessage = Readonly<{ id: string; queueUrl: string; body: string; visibleAt: number }>;

type Entry = Readonly<{ Id?: string; MessageBody: string; DelaySeconds?: number; MessageGroupId?: string }>;

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** SQS as the adapters see it: takes messages, and counts what that is billed as. */
export class LocalQueues {
	readonly #tally: Tally;
	readonly #clock: Clock;
	#messages: QueuedMessage[] = [];

	constructor(tally: Tally, clock: Clock) {
		this.#tally = tally;
		this.#clock = clock;
	}

	answer({ operation, body }: ServiceCall): unknown {
		const queueUrl = String(body["QueueUrl"]);
		if (operation === "SendMessage") return this.#take(queueUrl, [body as unknown as Entry])[0];
		if (operation === "SendMessageBatch")
			return { Successful: this.#take(queueUrl, body["Entries"] as Entry[]), Failed: [] };
		throw new Error(`SQS ${operation} is not expected here`);
	}

	/** What a schedule sends; billed like everybody's sends. It cannot name a message group. */
	sendFromSchedule(queueUrl: string, body: string): void {
		this.#take(queueUrl, [{ MessageBody: body }]);
	}

	/** Everything that was sent, of one queue and in batches of `size` at most, as an event source would hand it over. */
	takeBatches(size: number): readonly (readonly QueuedMessage[])[] {
		const byQueue = Object.values(Object.groupBy(this.#messages, ({ queueUrl }) => queueUrl));
		this.#messages = [];
		return byQueue.flatMap((messages = []) =>
			Array.from({ length: Math.ceil(messages.length / size) }, (_, index) =>
				messages.slice(index * size, (index + 1) * size),
			),
		);
	}

	#take(queueUrl: string, entries: readonly Entry[]) {
		const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
		this.#tally.add("sqsSends", sqsRequests(bytes));
		if (entries.some(({ MessageGroupId }) => MessageGroupId !== undefined))
			this.#tally.add("sqsFairSends", sqsRequests(bytes));
		return entries.map(({ Id, MessageBody, DelaySeconds = 0 }) => {
			const id = randomUUID();
			const visibleAt = this.#clock.now() + DelaySeconds * 1_000;
			this.#messages.push({ id, queueUrl, body: MessageBody, visibleAt });
			return { Id, MessageId: id, MD5OfMessageBody: md5(MessageBody) };
		});
	}
}
