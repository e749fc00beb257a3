import type { ApiKey, ApiKeySecret, Overlap } from "../../core/api-key.ts";
import type { KeyPage, KeyStore } from "../../key-store.ts";
import type { Database } from "./database.ts";

type KeyRow = Readonly<{
	team_id: string;
	id: string;
	name: string;
	mode: ApiKey["mode"];
	created_at: number;
	last_used_at: number | null;
	revoked_at: number | null;
}>;

type SecretRow = Readonly<{ hash: string; prefix: string; ciphertext: string; expires_at: number | null }>;

const statements = (database: Database) => ({
	upsert: database.prepare(
		`INSERT INTO api_keys (team_id, id, name, mode, created_at, last_used_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET name = excluded.name, mode = excluded.mode, created_at = excluded.created_at,
			last_used_at = excluded.last_used_at, revoked_at = excluded.revoked_at`,
	),
	select: database.prepare("SELECT * FROM api_keys WHERE team_id = ? AND id = ?"),
	selectByHash: database.prepare(
		`SELECT api_keys.* FROM key_secrets JOIN api_keys
		ON api_keys.team_id = key_secrets.team_id AND api_keys.id = key_secrets.key_id WHERE hash = ?`,
	),
	selectAll: database.prepare("SELECT * FROM api_keys WHERE team_id = ? ORDER BY created_at, id"),
	selectEverybody: database.prepare("SELECT * FROM api_keys ORDER BY team_id, id"),
	reseal: database.prepare("UPDATE key_secrets SET ciphertext = ? WHERE hash = ?"),
	revoke: database.prepare(
		"UPDATE api_keys SET revoked_at = ? WHERE team_id = ? AND id = ? AND revoked_at IS NULL",
	),
	touch: database.prepare(
		"UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE team_id = ? AND id = ?",
	),
	selectSecrets: database.prepare(
		`SELECT hash, prefix, ciphertext, expires_at FROM key_secrets
		WHERE team_id = ? AND key_id = ? ORDER BY number DESC`,
	),
	anySecret: database.prepare("SELECT 1 FROM key_secrets LIMIT 1"),
	deleteSecrets: database.prepare("DELETE FROM key_secrets WHERE team_id = ? AND key_id = ?"),
	insertSecret: database.prepare(
		"INSERT INTO key_secrets (team_id, key_id, hash, prefix, ciphertext, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
	),
	forgetSecrets: database.prepare(
		"DELETE FROM key_secrets WHERE expires_at <= ? AND team_id = ? AND key_id = ?",
	),
	expireSecrets: database.prepare(
		"UPDATE key_secrets SET expires_at = min(coalesce(expires_at, ?), ?) WHERE team_id = ? AND key_id = ?",
	),
});

/** API keys in SQLite. Secrets have a table of their own, so that one can be looked up by its hash. */
export class SqliteKeyStore implements KeyStore {
	readonly #database: Database;
	readonly #statements: ReturnType<typeof statements>;

	constructor(database: Database) {
		this.#database = database;
		this.#statements = statements(database);
	}

	async put(key: ApiKey): Promise<void> {
		const { teamId, id, name, mode, createdAt, lastUsedAt = null, revokedAt = null } = key;
		this.#writeAll(() => {
			this.#statements.upsert.run(teamId, id, name, mode, createdAt, lastUsedAt, revokedAt);
			this.#statements.deleteSecrets.run(teamId, id);
			// The newest secret comes first in a key and has the highest number here.
			for (const secret of key.secrets.toReversed()) this.#insertSecret(teamId, id, secret);
		});
	}

	async get(teamId: string, keyId: string): Promise<ApiKey | undefined> {
		return this.#get(teamId, keyId);
	}

	async findByHash(hash: string): Promise<ApiKey | undefined> {
		return this.#toKey(this.#statements.selectByHash.get(hash) as KeyRow | undefined);
	}

	async list(teamId: string): Promise<readonly ApiKey[]> {
		return this.#toKeys(this.#statements.selectAll.all(teamId) as unknown as KeyRow[]);
	}

	/** All of them: an embedded server has few. */
	async walk(): Promise<KeyPage> {
		return { keys: this.#toKeys(this.#statements.selectEverybody.all() as unknown as KeyRow[]) };
	}

	async reseal({ teamId, id, secrets }: ApiKey, ciphertexts: readonly string[]): Promise<boolean> {
		const stored = this.#get(teamId, id)?.secrets.map(({ ciphertext }) => ciphertext);
		if (stored?.join() !== secrets.map(({ ciphertext }) => ciphertext).join()) return false;
		this.#writeAll(() => {
			for (const [index, { hash }] of secrets.entries())
				this.#statements.reseal.run(ciphertexts[index] ?? "", hash);
		});
		return true;
	}

	async revoke(teamId: string, keyId: string, at: number): Promise<ApiKey | undefined> {
		this.#database.durable(() => this.#statements.revoke.run(at, teamId, keyId));
		return this.#get(teamId, keyId);
	}

	async rotate(
		teamId: string,
		keyId: string,
		secret: ApiKeySecret,
		{ from, until }: Overlap,
	): Promise<ApiKey | undefined> {
		const key = this.#get(teamId, keyId);
		if (!key || key.revokedAt !== undefined) return key;
		this.#writeAll(() => {
			this.#statements.forgetSecrets.run(from, teamId, keyId);
			this.#statements.expireSecrets.run(until, until, teamId, keyId);
			this.#insertSecret(teamId, keyId, secret);
		});
		return this.#get(teamId, keyId);
	}

	async touch(teamId: string, keyId: string, at: number): Promise<void> {
		this.#database.lazy(() => this.#statements.touch.run(at, teamId, keyId));
	}

	/** Whether there is anything that only the encryption key of these data can open. */
	holdsSecrets(): boolean {
		return this.#statements.anySecret.get() !== undefined;
	}

	#writeAll(write: () => void): void {
		this.#database.durable(() => this.#database.allOrNothing(write));
	}

	#insertSecret(teamId: string, keyId: string, secret: ApiKeySecret): void {
		const { hash, prefix, ciphertext, expiresAt = null } = secret;
		this.#statements.insertSecret.run(teamId, keyId, hash, prefix, ciphertext, expiresAt);
	}

	#get(teamId: string, keyId: string): ApiKey | undefined {
		return this.#toKey(this.#statements.select.get(teamId, keyId) as KeyRow | undefined);
	}

	#toKeys(rows: readonly KeyRow[]): ApiKey[] {
		return rows.map((row) => this.#toKey(row)).filter((key) => key !== undefined);
	}

	#toKey(row: KeyRow | undefined): ApiKey | undefined {
		if (!row) return undefined;
		const secrets = this.#statements.selectSecrets.all(row.team_id, row.id) as unknown as SecretRow[];
		return {
			teamId: row.team_id,
			id: row.id,
			name: row.name,
			mode: row.mode,
			secrets: secrets.map(toSecret),
			createdAt: row.created_at,
			lastUsedAt: row.last_used_at ?? undefined,
			revokedAt: row.revoked_at ?? undefined,
		};
	}
}

const toSecret = ({ hash, prefix, ciphertext, expires_at }: SecretRow): ApiKeySecret => ({
	hash,
	prefix,
	ciphertext,
	expiresAt: expires_at ?? undefined,
});
