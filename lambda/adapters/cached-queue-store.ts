import type { Queue } from "../core/queue.ts";
import type { Clock, QueueStore } from "../ports.ts";
import { TtlCache } from "./ttl-cache.ts";

/** A change of settings made elsewhere takes effect here within 5 s; a busy queue costs one read in that time. */
const TTL_MS = 5_000;

const MAX_QUEUES = 2_000;

const cacheKey = (teamId: string, name: string): string => `${teamId}/${name}`;

/** Remembers the queues that this process has read or written lately. */
export class CachedQueueStore implements QueueStore {
	readonly #store: QueueStore;
	readonly #queues: TtlCache<Queue>;

	constructor(store: QueueStore, clock: Clock) {
		this.#store = store;
		this.#queues = new TtlCache({ clock, ttlMs: TTL_MS, maxEntries: MAX_QUEUES });
	}

	get(teamId: string, name: string): Promise<Queue | undefined> {
		return this.#queues.read(cacheKey(teamId, name), () => this.#store.get(teamId, name));
	}

	create(queue: Queue): Promise<Queue> {
		return this.#written(queue, this.#store.create(queue));
	}

	put(queue: Queue): Promise<Queue> {
		return this.#written(queue, this.#store.put(queue));
	}

	/** A write that fails may have been made all the same: then the next read asks the store. */
	async #written({ teamId, name }: Queue, write: Promise<Queue>): Promise<Queue> {
		const key = cacheKey(teamId, name);
		try {
			const stored = await write;
			this.#queues.set(key, stored);
			return stored;
		} catch (error) {
			this.#queues.forget(key);
			throw error;
		}
	}
}
