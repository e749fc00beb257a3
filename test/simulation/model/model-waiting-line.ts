import type { DeliveryMessage } from "../../../lambda/core/delivery-message.ts";
import type { QueueKey } from "../../../lambda/core/queue.ts";
import { lineShard, waitingRank } from "../../../lambda/core/waiting-rank.ts";
import type { WaitingLine } from "../../../lambda/ports.ts";
import { TeamMap } from "./team-map.ts";

/** A message with where it stands, so that nobody has to work it out again. */
type Entry = Readonly<{ message: DeliveryMessage; rank: number; shard: number }>;

const entryOf = (message: DeliveryMessage): Entry => ({
	message,
	rank: waitingRank(message),
	shard: lineShard(message.task_id),
});

const compareTexts = (a: string, b: string): number => {
	if (a === b) return 0;
	return a < b ? -1 : 1;
};

/** Rank, task and attempt say who comes first, and whether two messages are the same. */
const compare = (a: Entry, b: Entry): number =>
	a.rank - b.rank ||
	compareTexts(a.message.task_id, b.message.task_id) ||
	a.message.attempt - b.message.attempt;

/** Where `entry` is in the line, or would be: the first place whose entry does not come before it. */
const placeIn = (line: readonly Entry[], entry: Entry): number => {
	let [low, high] = [0, line.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (compare(line[middle] as Entry, entry) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
};

/** Whether the entry at `place` is this one. */
const isAt = (line: readonly Entry[], place: number, entry: Entry): boolean => {
	const found = line[place];
	return found !== undefined && compare(found, entry) === 0;
};

/** Waiting lines as sorted lists. */
export class ModelWaitingLine implements WaitingLine {
	readonly pageSize: number;
	readonly #lines = new TeamMap<Entry[]>();

	constructor(pageSize: number) {
		this.pageSize = pageSize;
	}

	async add(messages: readonly DeliveryMessage[]): Promise<void> {
		for (const message of messages) {
			const line = this.#line(message.team_id, message.queue);
			const entry = entryOf(message);
			const place = placeIn(line, entry);
			if (!isAt(line, place, entry)) line.splice(place, 0, entry);
		}
	}

	async first(
		{ teamId, name }: QueueKey,
		shards: readonly number[],
		limit: number,
	): Promise<readonly DeliveryMessage[]> {
		const messages: DeliveryMessage[] = [];
		for (const { message, shard } of this.#line(teamId, name)) {
			if (messages.length === limit) break;
			if (shards.includes(shard)) messages.push(message);
		}
		return messages;
	}

	async remove(messages: readonly DeliveryMessage[]): Promise<void> {
		for (const message of messages) {
			const line = this.#line(message.team_id, message.queue);
			const entry = entryOf(message);
			const place = placeIn(line, entry);
			if (isAt(line, place, entry)) line.splice(place, 1);
		}
	}

	/** Every message of every line, in its order. */
	all(): readonly DeliveryMessage[] {
		return this.#lines.all().flatMap((line) => line.map(({ message }) => message));
	}

	#line(teamId: string, queue: string): Entry[] {
		const known = this.#lines.get(teamId, queue);
		if (known) return known;
		const line: Entry[] = [];
		this.#lines.set(teamId, queue, line);
		return line;
	}
}
