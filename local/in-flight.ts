import type { ReceivedMessage } from "../lambda/adapters/embedded/sqlite-message-queue.ts";

const keyOf = (teamId: string, queue: string): string => `${teamId}/${queue}`;

/**
 * Messages being handled, by queue. A queue may have as many as there are places left for everybody (the Dynamic
 * Threshold of Choudhury and Hahne, 1998, with alpha = 1): one that does not come to an end gets half of the places,
 * two a third each, and whoever comes next still finds room.
 */
export class InFlight {
	readonly #max: number;
	readonly #queues = new Map<string, number>();
	#total = 0;

	constructor(max: number) {
		this.#max = max;
	}

	/** Places left. */
	get free(): number {
		return this.#max - this.#total;
	}

	/** How many more messages the queue may have: each of them leaves one place less for the next. */
	roomFor(teamId: string, queue: string): number {
		const own = this.#queues.get(keyOf(teamId, queue)) ?? 0;
		return Math.max(Math.ceil((this.free - own) / 2), 0);
	}

	/** Takes places for messages of one queue. */
	add(messages: readonly ReceivedMessage[]): void {
		this.#change(messages, messages.length);
	}

	/** Gives back what `add` has taken. */
	remove(messages: readonly ReceivedMessage[]): void {
		this.#change(messages, -messages.length);
	}

	#change([message]: readonly ReceivedMessage[], by: number): void {
		if (!message) return;
		const key = keyOf(message.teamId, message.queue);
		const count = (this.#queues.get(key) ?? 0) + by;
		if (count === 0) this.#queues.delete(key);
		else this.#queues.set(key, count);
		this.#total += by;
	}
}
