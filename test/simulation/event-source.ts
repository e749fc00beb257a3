import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { toSqsEvent } from "../../local/sqs-event.ts";
import type { Ending, Handlers, Host } from "./host.ts";
import type { ModelMessage, ModelMessageQueue } from "./model/model-message-queue.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";

type Options<Content> = Readonly<{
	name: string;
	queue: ModelMessageQueue<Content>;
	hosts: readonly Host[];
	batchSize: number;
	timeoutSeconds: number;
	handle: (handlers: Handlers, event: SQSEvent) => Promise<SQSBatchResponse>;
	time: VirtualTime;
	random: SeededRandom;
	trace: Trace;
	/** Whether deleting a batch fails now. */
	losesDeletes: () => boolean;
}>;

/**
 * What brings the messages of a queue to a handler, as an SQS event source mapping: batches in any order, and what the
 * handler does not report as failed is deleted. What is not deleted comes back when it has been hidden long enough.
 */
export class EventSource<Content> {
	readonly #options: Options<Content>;
	/** When the next poll is. Epoch ms. */
	#pollAt = Number.POSITIVE_INFINITY;

	constructor(options: Options<Content>) {
		this.#options = options;
	}

	/** Sees to it that messages are received when there are any. Called whenever there may be more, or more room. */
	arm(): void {
		const { queue, time, random } = this.#options;
		const visibleAt = queue.nextVisibleAt();
		if (visibleAt === undefined) return;
		const pollAt = Math.max(visibleAt, time.now()) + random.fraction() * 10;
		if (pollAt >= this.#pollAt) return;
		this.#pollAt = pollAt;
		time.after(pollAt - time.now(), () => {
			if (this.#pollAt !== pollAt) return;
			this.#pollAt = Number.POSITIVE_INFINITY;
			this.#poll();
		});
	}

	#poll(): void {
		const { queue, hosts, batchSize, time, random } = this.#options;
		const host = hosts.find(({ hasRoom }) => hasRoom);
		// Without room somebody arms again who has just got some.
		if (!host) return;
		const limit = random.int(1, batchSize);
		const messages = queue.receive(time.now(), limit, (visible) => random.shuffle(visible));
		if (messages.length > 0) this.#invoke(host, messages);
		this.arm();
	}

	#invoke(host: Host, messages: readonly ModelMessage<Content>[]): void {
		const { name, timeoutSeconds, handle, time, random, trace } = this.#options;
		const event = toSqsEvent(
			messages.map((message) => ({ ...message, firstReceivedAt: message.firstReceivedAt ?? time.now() })),
		);
		trace.note("world", `receive from ${name}`, () => messages.map(({ body }) => JSON.parse(body)));
		host.invoke(
			timeoutSeconds,
			(handlers) => handle(handlers, event),
			(ending) => {
				time.after(random.fraction() * 10, () => this.#settle(messages, ending));
			},
		);
	}

	#settle(messages: readonly ModelMessage<Content>[], ending: Ending<SQSBatchResponse>): void {
		const { queue, losesDeletes } = this.#options;
		if (ending.kind === "returned" && !losesDeletes()) {
			const failed = new Set(ending.result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
			queue.delete(messages.map(({ messageId }) => messageId).filter((id) => !failed.has(id)));
		}
		this.arm();
	}
}
