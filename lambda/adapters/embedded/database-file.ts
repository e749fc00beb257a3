import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "./schema.ts";

const FILE_NAME = "asyncqueue.db";

/** SQLITE_BUSY (https://sqlite.org/rescode.html). */
const BUSY = 5;

/** Page cache in KiB. The trees' inner pages and ends are hot; the rest of a large backlog need not fit. */
const CACHE_KIB = 16_384;

/**
 * Log length in pages of 4 KiB (16 MiB) that forces a checkpoint if no quiet moment comes first. Fewer would stop the
 * event loop more often than necessary, more would stop it for longer than some 20 ms.
 */
const FORCED_CHECKPOINT_PAGES = 4_096;

export const databasePath = (folder: string): string => join(folder, FILE_NAME);

/**
 * Exclusive from the first access, so that the log's index needs no shared memory and no other process gets in.
 * Commits do not wait for the disk (NORMAL): `Database` flushes the log itself, once for many commits.
 */
const configure = (connection: DatabaseSync): void => {
	connection.exec(`
		PRAGMA locking_mode = EXCLUSIVE;
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = NORMAL;
		PRAGMA wal_autocheckpoint = ${FORCED_CHECKPOINT_PAGES};
		PRAGMA journal_size_limit = ${FORCED_CHECKPOINT_PAGES * 4_096};
		PRAGMA cache_size = -${CACHE_KIB};
		BEGIN EXCLUSIVE;
		COMMIT;
	`);
	migrate(connection);
};

const isBusy = (error: unknown): boolean =>
	error instanceof Error && "errcode" in error && error.errcode === BUSY;

const explain = (error: unknown, folder: string): Error =>
	new Error(
		isBusy(error)
			? `The data folder ${folder} is in use by another process. Stop that one, or choose another folder (ASYNCQUEUE_DATA).`
			: `The data folder ${folder} cannot be used: ${error instanceof Error ? error.message : error}`,
		{ cause: error },
	);

/** Opens (or creates) the database in `folder` for this process alone. Throws an Error that says what to do. */
export const openDatabaseFile = (folder: string): DatabaseSync => {
	let connection: DatabaseSync | undefined;
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		// SQLite would speak of an I/O error where the folder or its disk is read-only.
		accessSync(folder, constants.W_OK);
		connection = new DatabaseSync(databasePath(folder));
		configure(connection);
		return connection;
	} catch (error) {
		connection?.close();
		throw explain(error, folder);
	}
};

/** A database without a file, forgotten at the end. */
export const openMemoryDatabase = (): DatabaseSync => {
	const connection = new DatabaseSync(":memory:");
	migrate(connection);
	return connection;
};
