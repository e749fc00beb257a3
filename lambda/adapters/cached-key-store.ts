import type { ApiKey, ApiKeySecret, Overlap } from "../core/api-key.ts";
import type { KeyPage, KeyStore } from "../key-store.ts";
import type { Clock, Timer } from "../ports.ts";
import { TtlCache } from "./ttl-cache.ts";

/** How long a key revoked elsewhere may still authenticate here; the contract allows 60 s. */
const LOOKUP_TTL_MS = 30_000;

/**
 * How long deliveries may be signed without a secret that was made elsewhere. A rotation is not answered before: the
 * receiver may check with the new secret alone as soon as it has it.
 */
const SIGNING_TTL_MS = 5_000;

const MAX_KEYS = 2_000;

/** What is remembered of a secret that no key has. */
const NOBODY = {};

type Options = Readonly<{
	store: KeyStore;
	clock: Clock;
	/** Given where other processes remember keys too, so that a new secret signs everywhere before it is shown. */
	timer?: Timer | undefined;
}>;

const cacheKey = (teamId: string, keyId: string): string => `${teamId}/${keyId}`;

/** Remembers the keys that this process has read or written lately. */
export class CachedKeyStore implements KeyStore {
	readonly #store: KeyStore;
	readonly #timer: Timer | undefined;
	/**
	 * Secrets that no key has, so that a client with a wrong one does not cost a read per request. Nobody can present a
	 * secret before it is made, so this hides no new key. They have a place of their own: guesses, which are all
	 * different, push out nothing but other guesses.
	 */
	readonly #unknown: TtlCache<object>;
	readonly #byHash: TtlCache<ApiKey>;
	readonly #byId: TtlCache<ApiKey>;
	/** A remembered key shows an old last use for as long as it is remembered: to note it once in that time is enough. */
	readonly #touches: TtlCache<{ at: number }>;

	constructor({ store, clock, timer }: Options) {
		this.#store = store;
		this.#timer = timer;
		this.#unknown = new TtlCache({ clock, ttlMs: LOOKUP_TTL_MS, maxEntries: MAX_KEYS });
		this.#byHash = new TtlCache({ clock, ttlMs: LOOKUP_TTL_MS, maxEntries: MAX_KEYS });
		this.#byId = new TtlCache({ clock, ttlMs: SIGNING_TTL_MS, maxEntries: MAX_KEYS });
		this.#touches = new TtlCache({ clock, ttlMs: LOOKUP_TTL_MS, maxEntries: MAX_KEYS });
	}

	async put(key: ApiKey): Promise<void> {
		await this.#store.put(key);
		this.#remember(key);
	}

	get(teamId: string, keyId: string): Promise<ApiKey | undefined> {
		return this.#byId.read(cacheKey(teamId, keyId), () => this.#store.get(teamId, keyId));
	}

	async findByHash(hash: string): Promise<ApiKey | undefined> {
		if (this.#unknown.get(hash)) return undefined;
		const key = await this.#byHash.read(hash, () => this.#store.findByHash(hash));
		// It may have been written while it was looked for.
		if (!key && !this.#byHash.get(hash)) this.#unknown.set(hash, NOBODY);
		return key;
	}

	list(teamId: string): Promise<readonly ApiKey[]> {
		return this.#store.list(teamId);
	}

	async revoke(teamId: string, keyId: string, at: number): Promise<ApiKey | undefined> {
		return this.#remember(await this.#store.revoke(teamId, keyId, at));
	}

	async rotate(
		teamId: string,
		keyId: string,
		secret: ApiKeySecret,
		overlap: Overlap,
	): Promise<ApiKey | undefined> {
		const key = this.#remember(await this.#store.rotate(teamId, keyId, secret, overlap));
		if (key && key.revokedAt === undefined) await this.#timer?.sleep(SIGNING_TTL_MS);
		return key;
	}

	walk(cursor?: string): Promise<KeyPage> {
		return this.#store.walk(cursor);
	}

	/** What is remembered still opens: the old text as long as there is its data key. */
	reseal(key: ApiKey, ciphertexts: readonly string[]): Promise<boolean> {
		return this.#store.reseal(key, ciphertexts);
	}

	async touch(teamId: string, keyId: string, at: number): Promise<void> {
		await this.#touches.read(cacheKey(teamId, keyId), async () => {
			await this.#store.touch(teamId, keyId, at);
			return { at };
		});
	}

	/** For when what was remembered may never have been stored. */
	forgetAll(): void {
		for (const cache of [this.#unknown, this.#byHash, this.#byId, this.#touches]) cache.clear();
	}

	#remember(key: ApiKey | undefined): ApiKey | undefined {
		if (!key) return undefined;
		this.#byId.set(cacheKey(key.teamId, key.id), key);
		for (const { hash } of key.secrets) {
			this.#byHash.set(hash, key);
			this.#unknown.forget(hash);
		}
		return key;
	}
}
