import type { Queue, QueueKey, QueueNotes } from "../core/queue.ts";
import type { Clock, QueueStore, Timer } from "../ports.ts";
import { TtlCache } from "./ttl-cache.ts";

/** A change of settings made elsewhere takes effect here within 5 s; a busy queue costs one read in that time. */
const TTL_MS = 5_000;

/** Time for whoever has just looked to begin what the old settings allowed. */
const BEGINNING_MS = 1_000;

const MAX_QUEUES = 2_000;

type Options = Readonly<{
	store: QueueStore;
	clock: Clock;
	/** Given where other processes remember queues too, so that a change is in force only when they have forgotten. */
	timer?: Timer | undefined;
}>;

/** In a box, so that notes can be added to a queue without making the rest of it look newly read. */
type Remembered = { queue: Queue };

const cacheKey = ({ teamId, name }: QueueKey): string => `${teamId}/${name}`;

const remembered = (queue: Queue | undefined): Remembered | undefined => queue && { queue };

const withNotes = (queue: Queue, { slowAt, quickAt }: QueueNotes): Queue => ({
	...queue,
	slowAt: slowAt ?? queue.slowAt,
	quickAt: quickAt ?? queue.quickAt,
});

const withHold = (queue: Queue, { heldUntil = 0 }: Queue): Queue => ({
	...queue,
	heldUntil: Math.max(queue.heldUntil ?? 0, heldUntil),
});

/** Remembers the queues that this process has read or written lately. */
export class CachedQueueStore implements QueueStore {
	readonly #store: QueueStore;
	readonly #timer: Timer | undefined;
	readonly #queues: TtlCache<Remembered>;

	constructor({ store, clock, timer }: Options) {
		this.#store = store;
		this.#timer = timer;
		this.#queues = new TtlCache({ clock, ttlMs: TTL_MS, maxEntries: MAX_QUEUES });
	}

	async get(teamId: string, name: string): Promise<Queue | undefined> {
		const load = async () => remembered(await this.#store.get(teamId, name));
		return (await this.#queues.read(cacheKey({ teamId, name }), load))?.queue;
	}

	async getFresh(teamId: string, name: string): Promise<Queue | undefined> {
		const key = cacheKey({ teamId, name });
		this.#queues.forget(key);
		return (await this.#readFresh({ teamId, name }))?.queue;
	}

	list(teamId: string): Promise<readonly Queue[]> {
		return this.#store.list(teamId);
	}

	create(queue: Queue): Promise<Queue> {
		return this.#written(queue, this.#store.create(queue));
	}

	put(queue: Queue): Promise<Queue> {
		return this.#written(queue, this.#store.put(queue));
	}

	replace(queue: Queue, ifUpdatedAt: number): Promise<Queue | undefined> {
		return this.#written(queue, this.#store.replace(queue, ifUpdatedAt));
	}

	note(queue: QueueKey, notes: QueueNotes): Promise<void> {
		return this.#orForget(queue, async () => {
			await this.#store.note(queue, notes);
			const known = await this.#readFresh(queue);
			if (known) known.queue = withNotes(known.queue, notes);
		});
	}

	/** Answers may come in another order than the holds were written: then too the longest is remembered. */
	hold(queue: QueueKey, until: number): Promise<Queue | undefined> {
		return this.#orForget(queue, async () => {
			const stored = await this.#store.hold(queue, until);
			const known = this.#queues.get(cacheKey(queue));
			if (known && stored) known.queue = withHold(known.queue, stored);
			else this.#remember(queue, stored);
			return stored;
		});
	}

	async endHold(queue: QueueKey): Promise<void> {
		await this.#store.endHold(queue).finally(() => this.#forget(queue));
	}

	async remove(queue: QueueKey): Promise<void> {
		await this.#store.remove(queue).finally(() => this.#forget(queue));
	}

	async inForce(): Promise<void> {
		await this.#timer?.sleep(TTL_MS + BEGINNING_MS);
	}

	/** For when what was remembered may never have been stored. */
	forgetAll(): void {
		this.#queues.clear();
	}

	/** What is remembered, or what the store is sure of. */
	#readFresh(queue: QueueKey): Promise<Remembered | undefined> {
		const load = async () => remembered(await this.#store.getFresh(queue.teamId, queue.name));
		return this.#queues.read(cacheKey(queue), load);
	}

	#written<Result extends Queue | undefined>(queue: Queue, write: Promise<Result>): Promise<Result> {
		return this.#orForget(queue, async () => {
			const stored = await write;
			this.#remember(queue, stored);
			return stored;
		});
	}

	/** A write that fails may have been made all the same: then the next read asks the store. */
	async #orForget<Result>(queue: QueueKey, write: () => Promise<Result>): Promise<Result> {
		try {
			return await write();
		} catch (error) {
			this.#forget(queue);
			throw error;
		}
	}

	#remember(key: QueueKey, queue: Queue | undefined): void {
		if (queue) this.#queues.set(cacheKey(key), { queue });
		else this.#forget(key);
	}

	#forget(key: QueueKey): void {
		this.#queues.forget(cacheKey(key));
	}
}
