import type { ApiKey, ApiKeySecret } from "../core/api-key.ts";
import type { Clock, KeyStore } from "../ports.ts";
import { TtlCache } from "./ttl-cache.ts";

/** How long a key revoked elsewhere may still authenticate here; the contract allows 60 s. */
const LOOKUP_TTL_MS = 30_000;

/**
 * How long deliveries may be signed without a secret that was made elsewhere. Short, because a receiver may check
 * with the new secret alone as soon as it has it, and the default retries are over within 7 s.
 */
const SIGNING_TTL_MS = 5_000;

const MAX_KEYS = 2_000;

const cacheKey = (teamId: string, keyId: string): string => `${teamId}/${keyId}`;

/** Remembers the keys that this process has read or written lately. */
export class CachedKeyStore implements KeyStore {
	readonly #store: KeyStore;
	readonly #byHash: TtlCache<ApiKey>;
	readonly #byId: TtlCache<ApiKey>;
	/** A remembered key shows an old last use for as long as it is remembered: to note it once in that time is enough. */
	readonly #touches: TtlCache<{ at: number }>;

	constructor(store: KeyStore, clock: Clock) {
		this.#store = store;
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

	findByHash(hash: string): Promise<ApiKey | undefined> {
		return this.#byHash.read(hash, () => this.#store.findByHash(hash));
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
		overlapUntil: number,
	): Promise<ApiKey | undefined> {
		return this.#remember(await this.#store.rotate(teamId, keyId, secret, overlapUntil));
	}

	async touch(teamId: string, keyId: string, at: number): Promise<void> {
		await this.#touches.read(cacheKey(teamId, keyId), async () => {
			await this.#store.touch(teamId, keyId, at);
			return { at };
		});
	}

	#remember(key: ApiKey | undefined): ApiKey | undefined {
		if (!key) return undefined;
		this.#byId.set(cacheKey(key.teamId, key.id), key);
		for (const { hash } of key.secrets) this.#byHash.set(hash, key);
		return key;
	}
}
