import { MAX_QUEUE_DELAY_MS } from "../../../lambda/core/dispatch-route.ts";
import type { WorkMessage } from "../../../lambda/core/work-message.ts";
import type { Clock, WorkQueue } from "../../../lambda/ports.ts";
import type { ModelMessageQueue } from "./model-message-queue.ts";
import { delayMs, precisionMs, type TimePrecision } from "./time-precision.ts";

type Options = Readonly<{
	messages: ModelMessageQueue<WorkMessage>;
	/** Of whoever sends: it says how long a message still has to wait. */
	clock: Clock;
	precision: TimePrecision;
}>;

/** The near end of the work queue. A message due later than it can wait comes early: it is sent again by its handler. */
export class ModelWorkQueue implements WorkQueue {
	readonly precisionMs: number;
	readonly #options: Options;

	constructor(options: Options) {
		this.#options = options;
		this.precisionMs = precisionMs(options.precision);
	}

	async send(messages: readonly WorkMessage[]): Promise<void> {
		const { messages: queue, clock, precision } = this.#options;
		for (const message of messages)
			queue.enqueue(message, Math.min(delayMs(message.due_at, clock.now(), precision), MAX_QUEUE_DELAY_MS));
	}
}
