import type { ReceivedMessage } from "../lambda/adapters/embedded/sqlite-delivery-queue.ts";
import { BATCH_SIZE } from "../lambda/core/delivery-limits.ts";
import type { DeliverHandler } from "../lambda/handlers/deliver.ts";
import type { Clock, Log } from "../lambda/ports.ts";
import { toSqsEvent } from "./sqs-event.ts";

/** Longest delay of a Node timer; later instants are reached in several steps. */
const MAX_TIMER_MS = 2_147_483_647;

/** What the runner needs of the embedded delivery queue and scheduler. Instants are epoch ms. */
type MessageSource = Readonly<{
	/** Hands over due messages, at most `limit`; each stays hidden from others until its visibility runs out. */
	receive(now: number, limit: number): ReceivedMessage[];
	delete(messageIds: readonly string[]): void;
	/** When there will be something to receive, if anything waits. */
	nextDueAt(): number | undefined;
	/** Calls back after writes that may have changed what is due. */
	onChange(listener: () => void): void;
}>;

/** Pause after messages could not be received. */
const RECEIVE_RETRY_MS = 1_000;

type RunnerOptions = Readonly<{
	source: MessageSource;
	handler: DeliverHandler;
	clock: Clock;
	log: Log;
	/** Messages being handled at the same time, at most. */
	maxInFlight?: number;
}>;

const DEFAULT_MAX_IN_FLIGHT = 256;

/**
 * The embedded stand-in for SQS's event source mapping: receives due messages, invokes the delivery handler with
 * batches of them, deletes what it did not report as failed. Sleeps on one timer until the next due instant.
 */
export class Runner {
	readonly #options: RunnerOptions;
	readonly #maxInFlight: number;
	readonly #invocations = new Set<Promise<void>>();
	#inFlight = 0;
	#running = false;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: RunnerOptions) {
		this.#options = options;
		this.#maxInFlight = options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT;
	}

	/** Begins to deliver, now and whenever something becomes due. */
	start(): void {
		this.#running = true;
		this.#options.source.onChange(() => this.#wake());
		this.#wake();
	}

	/** Receives nothing more and waits for the calls in flight. */
	async stop(): Promise<void> {
		this.#running = false;
		clearTimeout(this.#timer);
		await Promise.all(this.#invocations);
	}

	/** Handles everything that is due now, to the end; returns how many messages that were. For tests. */
	async tick(): Promise<number> {
		const started = this.#invokeDue();
		await Promise.all(this.#invocations);
		return started;
	}

	#wake(): void {
		if (!this.#running) return;
		clearTimeout(this.#timer);
		const waitMs = this.#deliverDue();
		if (waitMs !== undefined) this.#timer = setTimeout(() => this.#wake(), waitMs);
	}

	/** Starts what is due; returns how long to sleep, or undefined when some other event will wake us. */
	#deliverDue(): number | undefined {
		const { source, clock, log } = this.#options;
		try {
			this.#invokeDue();
			if (this.#inFlight >= this.#maxInFlight) return undefined;
			const dueAt = source.nextDueAt();
			return dueAt === undefined ? undefined : Math.min(Math.max(dueAt - clock.now(), 0), MAX_TIMER_MS);
		} catch (error) {
			// A full disk, for instance: nothing is lost, and there may be room again soon.
			log.error("delivery.receive_failed", { error });
			return RECEIVE_RETRY_MS;
		}
	}

	/** Starts as many invocations as there are due messages and free places; returns the messages taken. */
	#invokeDue(): number {
		const { source, clock } = this.#options;
		let taken = 0;
		while (this.#inFlight < this.#maxInFlight) {
			const limit = Math.min(BATCH_SIZE, this.#maxInFlight - this.#inFlight);
			const messages = source.receive(clock.now(), limit);
			if (messages.length === 0) break;
			taken += messages.length;
			this.#inFlight += messages.length;
			const invocation = this.#invoke(messages).finally(() => {
				this.#inFlight -= messages.length;
				this.#invocations.delete(invocation);
				this.#wake();
			});
			this.#invocations.add(invocation);
		}
		return taken;
	}

	/** As on AWS: what is not reported as failed is deleted; a handler that throws keeps its whole batch. */
	async #invoke(messages: readonly ReceivedMessage[]): Promise<void> {
		const { source, handler, log } = this.#options;
		try {
			const { batchItemFailures } = await handler(toSqsEvent(messages), {});
			const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
			source.delete(messages.map(({ messageId }) => messageId).filter((id) => !failed.has(id)));
		} catch (error) {
			log.error("delivery.invocation_failed", { error });
		}
	}
}
