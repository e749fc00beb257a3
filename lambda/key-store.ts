import type { ApiKey, ApiKeySecret, Overlap } from "./core/api-key.ts";

/** One page of a walk over API keys: `nextCursor` is absent on the last; a page may be empty before that. */
export type KeyPage = Readonly<{ keys: readonly ApiKey[]; nextCursor?: string | undefined }>;

/** Where API keys are kept. */
export interface KeyStore {
	put(key: ApiKey): Promise<void>;
	get(teamId: string, keyId: string): Promise<ApiKey | undefined>;
	/** Finds the key that has a secret with this SHA-256 (hex), whatever its state. */
	findByHash(hash: string): Promise<ApiKey | undefined>;
	/** All keys of a team, oldest first, revoked ones included. */
	list(teamId: string): Promise<readonly ApiKey[]>;
	/** Marks the key revoked (once: the first instant stays). */
	revoke(teamId: string, keyId: string, at: number): Promise<ApiKey | undefined>;
	/**
	 * Puts `secret` first, lets the ones before it expire at the end of `overlap` at the latest, and forgets those that
	 * had expired when it began. Revoked keys stay as they are. Resolves when every process signs with it.
	 */
	rotate(teamId: string, keyId: string, secret: ApiKeySecret, overlap: Overlap): Promise<ApiKey | undefined>;
	/** One page of a walk over every team's keys, in no particular order. Expensive by design: for operators only. */
	walk(cursor?: string): Promise<KeyPage>;
	/** Replaces the ciphertexts of a key's secrets, if its secrets still are those of `key`. */
	reseal(key: ApiKey, ciphertexts: readonly string[]): Promise<boolean>;
	/** Notes when the key was last used; lossy by design. */
	touch(teamId: string, keyId: string, at: number): Promise<void>;
}
