import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { EmbeddedMessages } from "../lambda/adapters/embedded/embedded-world.ts";
import type { ReceivedMessage } from "../lambda/adapters/embedded/sqlite-message-queue.ts";
import type { Clock, Log } from "../lambda/ports.ts";
import { InFlight } from "./in-flight.ts";
import { toSqsEvent } from "./sqs-event.ts";

/**
 * Longest sleep while messages wait for their time. Timers follow the monotonic clock: when the wall clock is set, or
 * the machine was suspended, they fire too late by as much.
 */
const MAX_SLEEP_MS = 1_000;

/** Pause after messages could not be received, or what came of it could not be kept. */
const RECEIVE_RETRY_MS = 1_000;

type RunnerOptions = Readonly<{
	source: EmbeddedMessages;
	handler: (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>;
	/** Messages handed to one invocation of the handler, at most. They are of one queue. */
	batchSize: number;
	/** Messages being handled at the same time, at most. */
	maxInFlight: number;
	/**
	 * Whether an invocation begins only when the receipt of its messages is certain. Whoever dies in it and relies on its
	 * message's coming again would rely on nothing if a full disk took that message back.
	 */
	confirmsReceipt?: boolean;
	/** Whether invocations that end after `stop` may have been cut short: then their messages are kept. */
	keepsWhenStopped?: boolean;
	clock: Clock;
	log: Log;
}>;

/**
 * The embedded stand-in for SQS's event source mapping: receives due messages, invokes the handler with batches of
 * them, deletes what it did not report as failed. Sleeps on one timer until the next due instant.
 */
export class Runner {
	readonly #options: RunnerOptions;
	readonly #inFlight: InFlight;
	readonly #invocations = new Set<Promise<void>>();
	#running = false;
	#stopped = false;
	#timer: NodeJS.Timeout | undefined;
	#retry: NodeJS.Timeout | undefined;

	constructor(options: RunnerOptions) {
		this.#options = options;
		this.#inFlight = new InFlight(options.maxInFlight);
	}

	/** Begins to work, now and whenever something becomes due. */
	start(): void {
		this.#running = true;
		this.#options.source.onChange(() => this.wake());
		this.wake();
	}

	/** Receives nothing more and waits for the invocations under way. */
	async stop(): Promise<void> {
		this.#running = false;
		this.#stopped = true;
		clearTimeout(this.#timer);
		clearTimeout(this.#retry);
		await Promise.all(this.#invocations);
	}

	/** Handles everything that is due now, to the end; returns how many messages that were. For tests. */
	async tick(): Promise<number> {
		const started = this.begin();
		await Promise.all(this.#invocations);
		return started;
	}

	/** Whether any invocation is under way. */
	get isBusy(): boolean {
		return this.#invocations.size > 0;
	}

	/** Starts as many invocations as there are due messages and free places; returns the messages taken. */
	begin(): number {
		const { source, clock, batchSize } = this.#options;
		const room = (teamId: string, queue: string) => this.#inFlight.roomFor(teamId, queue);
		let taken = 0;
		while (this.#inFlight.free > 0) {
			const messages = source.receive(clock.now(), batchSize, room);
			if (messages.length === 0) break;
			taken += messages.length;
			this.#invoke(messages);
		}
		return taken;
	}

	/** Looks what is due, if it is running. While nothing can be kept, one try a second shows whether that is over. */
	wake(): void {
		if (!this.#running) return;
		if (this.#options.source.isFailing())
			this.#retry ??= setTimeout(() => this.#retryNow(), RECEIVE_RETRY_MS);
		else this.#workAndSleep();
	}

	#retryNow(): void {
		this.#retry = undefined;
		this.#workAndSleep();
	}

	#workAndSleep(): void {
		clearTimeout(this.#timer);
		const waitMs = this.#work();
		if (waitMs !== undefined) this.#timer = setTimeout(() => this.wake(), waitMs);
	}

	/** Starts what is due; returns how long to sleep, or undefined when some other event will wake us. */
	#work(): number | undefined {
		const { source, clock, log } = this.#options;
		try {
			this.begin();
			if (this.#inFlight.free === 0) return undefined;
			const dueAt = source.nextDueAt();
			return dueAt === undefined ? undefined : Math.min(Math.max(dueAt - clock.now(), 0), MAX_SLEEP_MS);
		} catch (error) {
			// A full disk, for instance: nothing is lost, and there may be room again soon.
			log.error("runner.receive_failed", { error });
			return RECEIVE_RETRY_MS;
		}
	}

	#invoke(messages: readonly ReceivedMessage[]): void {
		this.#inFlight.add(messages);
		const invocation = this.#handle(messages).finally(() => {
			this.#inFlight.remove(messages);
			this.#invocations.delete(invocation);
			this.wake();
		});
		this.#invocations.add(invocation);
	}

	/** As on AWS: what is not reported as failed is deleted; a handler that throws keeps its whole batch. */
	async #handle(messages: readonly ReceivedMessage[]): Promise<void> {
		const { source, handler, log, confirmsReceipt = false, keepsWhenStopped = false } = this.#options;
		try {
			if (confirmsReceipt) await source.confirmed();
			const { batchItemFailures } = await handler(toSqsEvent(messages), {});
			if (this.#stopped && keepsWhenStopped) return;
			const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
			source.delete(messages.map(({ messageId }) => messageId).filter((id) => !failed.has(id)));
		} catch (error) {
			log.error("runner.invocation_failed", { error });
		}
	}
}
