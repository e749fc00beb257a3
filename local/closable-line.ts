import type { DeliveryMessage } from "../lambda/core/delivery-message.ts";
import type { QueueKey } from "../lambda/core/queue.ts";
import type { WaitingLine } from "../lambda/ports.ts";

/** A waiting line that looks empty once it is closed: pumps let their calls come to an end, and leave. */
export class ClosableLine implements WaitingLine {
	readonly #line: WaitingLine;
	#closed = false;

	constructor(line: WaitingLine) {
		this.#line = line;
	}

	get pageSize(): number {
		return this.#line.pageSize;
	}

	close(): void {
		this.#closed = true;
	}

	add(messages: readonly DeliveryMessage[]): Promise<void> {
		return this.#line.add(messages);
	}

	async first(
		queue: QueueKey,
		shards: readonly number[],
		limit: number,
	): Promise<readonly DeliveryMessage[]> {
		return this.#closed ? [] : this.#line.first(queue, shards, limit);
	}

	remove(messages: readonly DeliveryMessage[]): Promise<void> {
		return this.#line.remove(messages);
	}
}
