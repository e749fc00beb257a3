import type { Clock } from "../ports.ts";

type Options = Readonly<{
	clock: Clock;
	ttlMs: number;
	/** Entries kept; beyond that the one that was not used for longest goes. */
	maxEntries: number;
}>;

type Entry<Value> = Readonly<{ value: Value; expiresAt: number }>;

/**
 * Values remembered for a while after they were read. What was not found is not remembered, so that something new
 * is seen at once, and a read that began before a write never hides it.
 */
export class TtlCache<Value extends object> {
	readonly #options: Options;
	/** In the order of their last use. */
	readonly #entries = new Map<string, Entry<Value>>();
	readonly #reads = new Map<string, Promise<Value | undefined>>();

	constructor(options: Options) {
		this.#options = options;
	}

	/** The remembered value, or what `load` finds. Whoever asks while `load` is under way waits for the same answer. */
	async read(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> {
		return this.get(key) ?? this.#reads.get(key) ?? this.#load(key, load, this.#options.clock.now());
	}

	/** The remembered value, if there is one. */
	get(key: string): Value | undefined {
		const entry = this.#entries.get(key);
		if (!entry || entry.expiresAt <= this.#options.clock.now()) return undefined;
		this.#entries.delete(key);
		this.#entries.set(key, entry);
		return entry.value;
	}

	/** Remembers a value that was just written. */
	set(key: string, value: Value): void {
		this.#reads.delete(key);
		this.#store(key, value, this.#options.clock.now());
	}

	forget(key: string): void {
		this.#reads.delete(key);
		this.#entries.delete(key);
	}

	/** Forgets everything, also what is being read. */
	clear(): void {
		this.#reads.clear();
		this.#entries.clear();
	}

	#load(key: string, load: () => Promise<Value | undefined>, startedAt: number): Promise<Value | undefined> {
		const isCurrent = () => this.#reads.get(key) === read;
		const read = load()
			.then((value) => {
				if (!isCurrent()) return value;
				if (value) this.#store(key, value, startedAt);
				else this.#entries.delete(key);
				return value;
			})
			.finally(() => {
				if (isCurrent()) this.#reads.delete(key);
			});
		this.#reads.set(key, read);
		return read;
	}

	#store(key: string, value: Value, knownAt: number): void {
		const { ttlMs, maxEntries } = this.#options;
		this.#entries.delete(key);
		this.#entries.set(key, { value, expiresAt: knownAt + ttlMs });
		if (this.#entries.size <= maxEntries) return;
		const [oldest] = this.#entries.keys();
		if (oldest !== undefined) this.#entries.delete(oldest);
	}
}
