import type { IdempotencyRecord } from "../../core/idempotency.ts";
import type { IdempotencyStore } from "../../ports.ts";
import type { Database } from "./database.ts";

/** Expired records deleted by each new one: more than come in, so they cannot pile up, and few, so it stays cheap. */
const MAX_DELETES = 4;

const statements = (database: Database) => ({
	deleteExpired: database.prepare(
		`DELETE FROM idempotency_records WHERE (team_id, key) IN (
			SELECT team_id, key FROM idempotency_records WHERE expires_at <= ? ORDER BY expires_at LIMIT ${MAX_DELETES}
		)`,
	),
	insert: database.prepare(
		`INSERT INTO idempotency_records (team_id, key, fingerprint, task_id, created_at, max_retries, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, task_id = excluded.task_id,
			created_at = excluded.created_at, max_retries = excluded.max_retries, expires_at = excluded.expires_at
		WHERE expires_at <= ?`,
	),
	select: database.prepare(
		`SELECT team_id AS teamId, key, fingerprint, task_id AS taskId, created_at AS createdAt,
			max_retries AS maxRetries, expires_at AS expiresAt
		FROM idempotency_records WHERE team_id = ? AND key = ?`,
	),
});

/** Idempotency records in SQLite. */
export class SqliteIdempotencyStore implements IdempotencyStore {
	readonly #database: Database;
	readonly #statements: ReturnType<typeof statements>;

	constructor(database: Database) {
		this.#database = database;
		this.#statements = statements(database);
	}

	async reserve(record: IdempotencyRecord, now: number): Promise<IdempotencyRecord> {
		const { teamId, key, fingerprint, taskId, createdAt, maxRetries, expiresAt } = record;
		this.#database.durable(() => {
			this.#statements.deleteExpired.run(now);
			this.#statements.insert.run(teamId, key, fingerprint, taskId, createdAt, maxRetries, expiresAt, now);
		});
		return { ...(this.#statements.select.get(teamId, key) as unknown as IdempotencyRecord) };
	}
}
