import type { Clock } from "../../../lambda/ports.ts";

/** A message in a queue. Instants are epoch ms; it can be received from `visibleAt`. */
export type ModelMessage<Content> = Readonly<{
	messageId: string;
	content: Content;
	/** The content as JSON text. */
	body: string;
	receiveCount: number;
	sentAt: number;
	firstReceivedAt?: number | undefined;
	visibleAt: number;
}>;

/** Where a queue puts what was received too often. */
type DeadLetters<Content> = Readonly<{ accept(message: ModelMessage<Content>): void }>;

/** Which of the visible messages are handed out, and in which order: SQS promises none. */
type Choose<Content> = (visible: readonly ModelMessage<Content>[]) => readonly ModelMessage<Content>[];

type Options<Content> = Readonly<{
	/** Whose delays count: the queue's own, not that of whoever sends or receives. */
	clock: Clock;
	/** Says whose message ids these are. */
	name: string;
	/** How long a received message stays hidden. */
	visibilitySeconds: number;
	/** Receives after which a message is dead; without dead letters there is no such number. */
	maxReceives?: number;
	deadLetters?: DeadLetters<Content>;
}>;

/** A standard queue of SQS: at least once, in any order, hidden for a while once received. */
export class ModelMessageQueue<Content> {
	readonly #options: Options<Content>;
	/** In the order of sending. */
	readonly #messages = new Map<string, ModelMessage<Content>>();
	#sent = 0;

	constructor(options: Options<Content>) {
		this.#options = options;
	}

	/** Sends a message that can be received `delayMs` later. */
	enqueue(content: Content, delayMs: number): void {
		const now = this.#options.clock.now();
		const body = JSON.stringify(content);
		this.#add({
			messageId: this.#nextId(),
			content,
			body,
			receiveCount: 0,
			sentAt: now,
			visibleAt: now + delayMs,
		});
	}

	/**
	 * Hands out up to `limit` messages that are visible at `now`, and hides them. Those that were received too often
	 * become dead letters instead.
	 */
	receive(
		now: number,
		limit: number,
		choose: Choose<Content> = (visible) => visible,
	): ModelMessage<Content>[] {
		const visible = this.all().filter(({ visibleAt }) => visibleAt <= now);
		const received: ModelMessage<Content>[] = [];
		for (const message of visible.length > 0 ? choose(visible) : visible) {
			if (received.length === limit) break;
			if (!this.#bury(message)) received.push(this.#lease(message, now));
		}
		return received;
	}

	/** Deletes messages that have been dealt with. Not an error when they are gone. */
	delete(messageIds: readonly string[]): void {
		for (const messageId of messageIds) this.#messages.delete(messageId);
	}

	/** Deletes everything, as an operator may. */
	purge(): void {
		this.#messages.clear();
	}

	/** Shows or hides a message: it can be received from `visibleAt`. Not an error when it is gone. */
	changeVisibility(messageId: string, visibleAt: number): void {
		const message = this.#messages.get(messageId);
		if (message) this.#add({ ...message, visibleAt });
	}

	/** Makes a second message of one, which can be received from `visibleAt`. Not an error when it is gone. */
	duplicate(messageId: string, visibleAt: number): void {
		const message = this.#messages.get(messageId);
		if (message) this.#add({ ...message, messageId: this.#nextId(), visibleAt });
	}

	/** When there is something to receive, which may be in the past; undefined when there is no message. */
	nextVisibleAt(): number | undefined {
		let next: number | undefined;
		for (const { visibleAt } of this.#messages.values())
			if (next === undefined || visibleAt < next) next = visibleAt;
		return next;
	}

	/** Takes a dead letter of another queue, as it is. Receives go on being counted, as in SQS. */
	accept(message: ModelMessage<Content>): void {
		this.#add({ ...message, visibleAt: this.#options.clock.now() });
	}

	/** Every message, visible or hidden, in the order of sending. */
	all(): readonly ModelMessage<Content>[] {
		return [...this.#messages.values()];
	}

	#nextId(): string {
		this.#sent += 1;
		return `${this.#options.name}-${this.#sent}`;
	}

	#add(message: ModelMessage<Content>): void {
		this.#messages.set(message.messageId, message);
	}

	#lease(message: ModelMessage<Content>, now: number): ModelMessage<Content> {
		const leased = {
			...message,
			receiveCount: message.receiveCount + 1,
			firstReceivedAt: message.firstReceivedAt ?? now,
			visibleAt: now + this.#options.visibilitySeconds * 1_000,
		};
		this.#add(leased);
		return leased;
	}

	/** Whether the message was dead. */
	#bury(message: ModelMessage<Content>): boolean {
		const { deadLetters, maxReceives = Number.POSITIVE_INFINITY } = this.#options;
		if (!deadLetters || message.receiveCount < maxReceives) return false;
		this.#messages.delete(message.messageId);
		deadLetters.accept(message);
		return true;
	}
}
