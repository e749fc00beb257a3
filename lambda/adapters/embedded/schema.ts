import type { DatabaseSync } from "node:sqlite";

/**
 * The schema, one step a version; a step that was released is never edited.
 *
 * - `tasks` is clustered by its key (no second tree to keep). Payloads too long for that live in `payloads`, so
 *   that a claim does not rewrite them.
 * - `tasks_by_status` is the only other index of tasks. It orders each queue's tasks of one status by id: listings
 *   merge such ranges (see task-listing.ts), so that none needs an index of its own. A task's life costs five
 *   changes of it; one more index with a status would cost five more.
 * - `…_messages` are either ready, in the order in which their queue's messages are handed out (SQLite appends the id
 *   to the index), or hidden until an instant. Each of them is in one of the two indexes at any time: a message that is
 *   ready when it is sent costs four changes of an index in its life.
 * - `waiting_line` is clustered by a message's place in it: adding, looking and removing each touch one tree. Its shard
 *   is no part of that, because one pump works on all of them here.
 * - `tasks.expires_at` has no index: expired tasks are found by walking over the finished ones now and then. Tasks that
 *   finished before there was such a column are kept.
 */
const MIGRATIONS = [
	`
	CREATE TABLE tasks (
		team_id TEXT NOT NULL,
		id TEXT NOT NULL,
		key_id TEXT NOT NULL,
		mode TEXT NOT NULL,
		queue TEXT NOT NULL,
		webhook_url TEXT NOT NULL,
		payload TEXT,
		priority INTEGER NOT NULL,
		delay INTEGER NOT NULL,
		max_retries INTEGER,
		retry_backoff TEXT,
		timeout INTEGER,
		traceparent TEXT,
		status TEXT NOT NULL,
		attempt INTEGER NOT NULL,
		attempts_before INTEGER NOT NULL,
		attempts TEXT,
		created_at INTEGER NOT NULL,
		due_at INTEGER NOT NULL,
		lease_until INTEGER,
		completed_at INTEGER,
		PRIMARY KEY (team_id, id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX tasks_by_status ON tasks (status, team_id, queue, id);

	CREATE TABLE payloads (
		team_id TEXT NOT NULL,
		task_id TEXT NOT NULL,
		payload TEXT NOT NULL,
		PRIMARY KEY (team_id, task_id)
	) STRICT;

	CREATE TABLE idempotency_records (
		team_id TEXT NOT NULL,
		key TEXT NOT NULL,
		fingerprint TEXT NOT NULL,
		task_id TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		max_retries INTEGER NOT NULL,
		expires_at INTEGER NOT NULL,
		PRIMARY KEY (team_id, key)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX idempotency_records_by_expiry ON idempotency_records (expires_at);

	CREATE TABLE queues (
		team_id TEXT NOT NULL,
		name TEXT NOT NULL,
		settings TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		updated_at INTEGER NOT NULL,
		PRIMARY KEY (team_id, name)
	) STRICT, WITHOUT ROWID;

	CREATE TABLE api_keys (
		team_id TEXT NOT NULL,
		id TEXT NOT NULL,
		name TEXT NOT NULL,
		mode TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		last_used_at INTEGER,
		revoked_at INTEGER,
		PRIMARY KEY (team_id, id)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE key_secrets (
		number INTEGER PRIMARY KEY,
		team_id TEXT NOT NULL,
		key_id TEXT NOT NULL,
		hash TEXT NOT NULL UNIQUE,
		prefix TEXT NOT NULL,
		ciphertext TEXT NOT NULL,
		expires_at INTEGER
	) STRICT;
	CREATE INDEX key_secrets_by_key ON key_secrets (team_id, key_id);

	CREATE TABLE messages (
		id INTEGER PRIMARY KEY,
		priority INTEGER NOT NULL,
		visible_at INTEGER NOT NULL,
		body TEXT NOT NULL,
		sent_at INTEGER NOT NULL,
		receive_count INTEGER NOT NULL DEFAULT 0,
		first_received_at INTEGER
	) STRICT;
	CREATE INDEX messages_by_turn ON messages (priority, visible_at);
	CREATE TABLE dead_messages (
		id INTEGER PRIMARY KEY,
		body TEXT NOT NULL,
		sent_at INTEGER NOT NULL,
		receive_count INTEGER NOT NULL,
		first_received_at INTEGER,
		died_at INTEGER NOT NULL
	) STRICT;

	CREATE TABLE schedules (
		task_id TEXT NOT NULL,
		attempt INTEGER NOT NULL,
		fire_at INTEGER NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (task_id, attempt)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX schedules_by_time ON schedules (fire_at);
	`,
	`
	ALTER TABLE tasks ADD COLUMN expires_at INTEGER;

	ALTER TABLE queues ADD COLUMN held_until INTEGER;
	ALTER TABLE queues ADD COLUMN slow_at INTEGER;
	ALTER TABLE queues ADD COLUMN quick_at INTEGER;

	CREATE TABLE delivery_messages (
		id INTEGER PRIMARY KEY,
		team_id TEXT NOT NULL,
		queue TEXT NOT NULL,
		rank INTEGER NOT NULL,
		priority INTEGER NOT NULL,
		ready INTEGER NOT NULL,
		visible_at INTEGER NOT NULL,
		body TEXT NOT NULL,
		sent_at INTEGER NOT NULL,
		receive_count INTEGER NOT NULL DEFAULT 0,
		first_received_at INTEGER
	) STRICT;
	INSERT INTO delivery_messages
		SELECT id,
			CASE WHEN json_valid(body) THEN coalesce(body ->> '$.team_id', 'unknown') ELSE 'unknown' END,
			CASE WHEN json_valid(body) THEN coalesce(body ->> '$.queue', 'unknown') ELSE 'unknown' END,
			CASE WHEN json_valid(body) THEN coalesce(body ->> '$.due_at', visible_at) ELSE visible_at END
				+ (10 - priority) * 60000,
			priority, 0, visible_at, body, sent_at, receive_count, first_received_at
		FROM messages;
	DROP TABLE messages;
	CREATE INDEX delivery_messages_ready ON delivery_messages (team_id, queue, rank) WHERE ready = 1;
	CREATE INDEX delivery_messages_hidden ON delivery_messages (visible_at) WHERE ready = 0;
	ALTER TABLE dead_messages RENAME TO dead_delivery_messages;

	CREATE TABLE work_messages (
		id INTEGER PRIMARY KEY,
		team_id TEXT NOT NULL,
		queue TEXT NOT NULL,
		rank INTEGER NOT NULL,
		priority INTEGER NOT NULL,
		ready INTEGER NOT NULL,
		visible_at INTEGER NOT NULL,
		body TEXT NOT NULL,
		sent_at INTEGER NOT NULL,
		receive_count INTEGER NOT NULL DEFAULT 0,
		first_received_at INTEGER
	) STRICT;
	CREATE INDEX work_messages_ready ON work_messages (team_id, queue, rank) WHERE ready = 1;
	CREATE INDEX work_messages_hidden ON work_messages (visible_at) WHERE ready = 0;
	CREATE TABLE dead_work_messages (
		id INTEGER PRIMARY KEY,
		body TEXT NOT NULL,
		sent_at INTEGER NOT NULL,
		receive_count INTEGER NOT NULL,
		first_received_at INTEGER,
		died_at INTEGER NOT NULL
	) STRICT;

	CREATE TABLE waiting_line (
		team_id TEXT NOT NULL,
		queue TEXT NOT NULL,
		rank INTEGER NOT NULL,
		task_id TEXT NOT NULL,
		attempt INTEGER NOT NULL,
		shard INTEGER NOT NULL,
		priority INTEGER NOT NULL,
		due_at INTEGER NOT NULL,
		PRIMARY KEY (team_id, queue, rank, task_id, attempt)
	) STRICT, WITHOUT ROWID;

	CREATE TABLE pump_sheets (
		team_id TEXT NOT NULL,
		queue TEXT NOT NULL,
		version INTEGER NOT NULL,
		sheet TEXT NOT NULL,
		PRIMARY KEY (team_id, queue)
	) STRICT, WITHOUT ROWID;

	CREATE TABLE jobs (
		team_id TEXT NOT NULL,
		queue TEXT NOT NULL,
		id TEXT NOT NULL,
		version INTEGER NOT NULL,
		finished_at INTEGER,
		job TEXT NOT NULL,
		PRIMARY KEY (team_id, queue, id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
	`,
	"ALTER TABLE tasks ADD COLUMN tracestate TEXT",
];

/** Brings the database to this program's schema, or to an earlier one. Throws when a newer program has written it. */
export const migrate = (connection: DatabaseSync, target = MIGRATIONS.length): void => {
	const version = Number(connection.prepare("PRAGMA user_version").get()?.["user_version"]);
	if (version > target)
		throw new Error(
			`the data was written by a newer AsyncQueue (schema ${version}, this one knows ${target}); start that version`,
		);
	if (version === target) return;
	connection.exec("BEGIN");
	for (const step of MIGRATIONS.slice(version, target)) connection.exec(step);
	connection.exec(`PRAGMA user_version = ${target}; COMMIT`);
};
