import { type ApiKey, type ApiKeySecret, type Overlap, rotated } from "../../../lambda/core/api-key.ts";
import type { KeyPage, KeyStore } from "../../../lambda/key-store.ts";
import { TeamMap } from "./team-map.ts";

const oldestFirst = (a: ApiKey, b: ApiKey): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

const textsOf = (secrets: readonly ApiKeySecret[]): string =>
	secrets.map(({ ciphertext }) => ciphertext).join();

/** API keys as a map, and one from the hash of each secret to its key. */
export class ModelKeyStore implements KeyStore {
	readonly #keys = new TeamMap<ApiKey>();
	readonly #byHash = new Map<string, ApiKey>();

	async put(key: ApiKey): Promise<void> {
		this.#store(key);
	}

	async get(teamId: string, keyId: string): Promise<ApiKey | undefined> {
		return this.#keys.get(teamId, keyId);
	}

	async findByHash(hash: string): Promise<ApiKey | undefined> {
		return this.#byHash.get(hash);
	}

	async list(teamId: string): Promise<readonly ApiKey[]> {
		return this.#keys.ofTeam(teamId).sort(oldestFirst);
	}

	async revoke(teamId: string, keyId: string, at: number): Promise<ApiKey | undefined> {
		return this.#change(teamId, keyId, (key) => ({ ...key, revokedAt: key.revokedAt ?? at }));
	}

	async rotate(
		teamId: string,
		keyId: string,
		secret: ApiKeySecret,
		overlap: Overlap,
	): Promise<ApiKey | undefined> {
		return this.#change(teamId, keyId, (key) =>
			key.revokedAt === undefined ? rotated(key, secret, overlap) : key,
		);
	}

	/** All of them at once. */
	async walk(): Promise<KeyPage> {
		return { keys: this.#keys.all() };
	}

	async reseal({ teamId, id, secrets }: ApiKey, ciphertexts: readonly string[]): Promise<boolean> {
		const key = this.#keys.get(teamId, id);
		if (!key || textsOf(key.secrets) !== textsOf(secrets)) return false;
		const resealed = secrets.map((secret, index) => ({ ...secret, ciphertext: ciphertexts[index] ?? "" }));
		this.#store({ ...key, secrets: resealed });
		return true;
	}

	async touch(teamId: string, keyId: string, at: number): Promise<void> {
		this.#change(teamId, keyId, (key) => ({ ...key, lastUsedAt: Math.max(key.lastUsedAt ?? 0, at) }));
	}

	#change(teamId: string, keyId: string, change: (key: ApiKey) => ApiKey): ApiKey | undefined {
		const key = this.#keys.get(teamId, keyId);
		return key && this.#store(change(key));
	}

	#store(key: ApiKey): ApiKey {
		for (const { hash } of this.#keys.get(key.teamId, key.id)?.secrets ?? []) this.#byHash.delete(hash);
		for (const { hash } of key.secrets) this.#byHash.set(hash, key);
		this.#keys.set(key.teamId, key.id, key);
		return key;
	}
}
