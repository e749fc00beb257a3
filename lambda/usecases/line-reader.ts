import type { DeliveryMessage } from "../core/delivery-message.ts";
import type { QueueKey } from "../core/queue.ts";
import { LINE_SHARDS } from "../core/waiting-rank.ts";
import type { WaitingLine } from "../ports.ts";

/** How long messages that were read are good for: a higher priority that joins the line is seen after this time. */
const FRESH_MS = 1_000;

/** How many messages of somebody else's part of the line are looked at for one to help out with. */
const HELPFUL_LOOK = 10;

/** Which seats' parts of the line to read, of how many. */
type Place = Readonly<{ held: readonly number[]; seats: number }>;

const keyOf = ({ task_id, attempt, due_at, priority }: DeliveryMessage): string =>
	`${task_id} ${attempt} ${due_at} ${priority}`;

const SHARDS = Array.from({ length: LINE_SHARDS }, (_, shard) => shard);

const isOwn = (shard: number, { held, seats }: Place): boolean => held.includes(shard % seats);

/** What one pump sees of a queue's waiting line: the parts of its seats first, then that of the others. */
export class LineReader {
	readonly #line: WaitingLine;
	readonly #queue: QueueKey;
	/** Messages that this pump has taken, so that a read that began before their removal does not give them again. */
	readonly #taken = new Set<string>();
	/** How many of them are still in the line. */
	#inLine = 0;
	#page: readonly DeliveryMessage[] = [];
	#readAt = 0;
	/** Whether the line had as much as was asked for, when last looked. */
	#wasFull = false;

	constructor(line: WaitingLine, queue: QueueKey) {
		this.#line = line;
		this.#queue = queue;
	}

	/** The message whose turn is next, or undefined when there is none. `room` is how many could be worked on now. */
	async next(place: Place, room: number, now: number): Promise<DeliveryMessage | undefined> {
		if (this.#page.length > 0 && now - this.#readAt < FRESH_MS) return this.#page[0];
		// Messages being worked on are read again each time, so the more there are the more is read at once.
		const wanted = Math.max(room, this.#line.pageSize, Math.ceil(this.#inLine / 4));
		this.#readAt = now;
		this.#page = await this.#read(
			SHARDS.filter((shard) => isOwn(shard, place)),
			wanted,
		);
		this.#wasFull = this.#page.length >= wanted;
		const others = SHARDS.filter((shard) => !isOwn(shard, place));
		if (this.#page.length === 0 && others.length > 0) {
			// From the far end and one at a time, as the part's own pump works on it from its head.
			const page = await this.#read(others, HELPFUL_LOOK);
			this.#wasFull = page.length > 1;
			this.#page = page.slice(-1);
		}
		return this.#page[0];
	}

	/** Whether there seems to be more in the line than what was taken. */
	get hasMore(): boolean {
		return this.#page.length > 0 || this.#wasFull;
	}

	/** The message that `next` gave is being worked on: it is not given again. */
	take(message: DeliveryMessage): void {
		this.#taken.add(keyOf(message));
		this.#inLine += 1;
		this.#page = this.#page.filter((other) => other !== message);
	}

	/** The message that was taken is to be given again. */
	giveBack(message: DeliveryMessage): void {
		this.#taken.delete(keyOf(message));
		this.#inLine -= 1;
	}

	/** The message has been dealt with. */
	async remove(message: DeliveryMessage): Promise<void> {
		await this.#line.remove([message]);
		this.#inLine -= 1;
	}

	async #read(shards: readonly number[], wanted: number): Promise<readonly DeliveryMessage[]> {
		const messages = await this.#line.first(this.#queue, shards, this.#inLine + wanted);
		return messages.filter((message) => !this.#taken.has(keyOf(message))).slice(0, wanted);
	}
}
