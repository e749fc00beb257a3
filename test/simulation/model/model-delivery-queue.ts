import type { DeliveryMessage } from "../../../lambda/core/delivery-message.ts";
import { MAX_QUEUE_DELAY_MS } from "../../../lambda/core/dispatch-route.ts";
import type { Clock, DeliveryQueue } from "../../../lambda/ports.ts";
import type { ModelMessageQueue } from "./model-message-queue.ts";
import { delayMs, type TimePrecision } from "./time-precision.ts";

type Options = Readonly<{
	messages: ModelMessageQueue<DeliveryMessage>;
	/** Of whoever sends: it says how long a message still has to wait. */
	clock: Clock;
	precision: TimePrecision;
}>;

/** The near end of the delivery queue. */
export class ModelDeliveryQueue implements DeliveryQueue {
	readonly #options: Options;

	constructor(options: Options) {
		this.#options = options;
	}

	/** Throws an Error, and sends nothing, when one of them is due later than a queue can wait. */
	async send(messages: readonly DeliveryMessage[]): Promise<void> {
		const { messages: queue, clock, precision } = this.#options;
		const delays = messages.map(({ due_at }) => delayMs(due_at, clock.now(), precision));
		if (delays.some((delay) => delay > MAX_QUEUE_DELAY_MS))
			throw new Error(`A delivery queue waits ${MAX_QUEUE_DELAY_MS} ms at most`);
		messages.forEach((message, index) => {
			queue.enqueue(message, delays[index] ?? 0);
		});
	}
}
