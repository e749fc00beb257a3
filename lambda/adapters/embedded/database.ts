import { resolve } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { AsyncQueueError } from "../../core/errors.ts";
import { databasePath, openDatabaseFile, openMemoryDatabase } from "./database-file.ts";
import { LogFlusher } from "./log-flusher.ts";
import { QuietTimer } from "./quiet-timer.ts";

/** How long nothing must have been written before the log is moved into the database file. */
const QUIET_MS = 1_000;

/**
 * What is written in one turn of the event loop: `written` when it is committed, which not everybody wants to know, and
 * `settled` when what is durable is on disk as well.
 */
type Batch = {
	durable: boolean;
	written: PromiseWithResolvers<void> | undefined;
	readonly settled: PromiseWithResolvers<void>;
};

/** The write-ahead log, as far as it concerns the database. */
type WriteAheadLog = Pick<LogFlusher, "flush" | "pending" | "close">;

const newBatch = (): Batch => {
	const settled = Promise.withResolvers<void>();
	// Whoever depends on the batch gets the error from `committed`; nobody has to.
	settled.promise.catch(() => undefined);
	return { durable: false, written: undefined, settled };
};

const tell = (listeners: ReadonlySet<() => void>): void => {
	for (const listener of listeners) listener();
};

const settledNothing = Promise.resolve();

/** SQLite's ways to say that a file cannot be written or read now (https://sqlite.org/rescode.html). */
const DISK_ERRORS: readonly unknown[] = [8, 10, 13, 14];

/** `SQLITE_READONLY`, `SQLITE_IOERR`, `SQLITE_FULL`, `SQLITE_CANTOPEN`, or one of their extended codes. */
const isDiskError = (error: unknown): boolean =>
	error instanceof Error &&
	"errcode" in error &&
	typeof error.errcode === "number" &&
	DISK_ERRORS.includes(error.errcode & 0xff);

const unavailable = (cause: unknown): AsyncQueueError =>
	new AsyncQueueError("unavailable", "The request could not be stored; please try again", { cause });

/**
 * One SQLite connection with group commit: all writes of a turn of the event loop share a transaction, which is
 * committed at its end. Writes take effect for every later read at once, but may be rolled back until `committed`
 * resolves: nothing that depends on them may leave the process before.
 */
export class Database {
	readonly #connection: DatabaseSync;
	readonly #log: WriteAheadLog | undefined;
	readonly #checkpoint: QuietTimer | undefined;
	readonly #begin: StatementSync;
	readonly #commit: StatementSync;
	readonly #savepoint: StatementSync;
	readonly #release: StatementSync;
	readonly #listeners = new Set<() => void>();
	readonly #lossListeners = new Set<() => void>();
	#batch: Batch | undefined;
	#rollbacks = 0;
	#rollbackCause: unknown;
	#isFailing = false;
	#fault: AsyncQueueError | undefined;

	/** Opens the database in `folder` (or `:memory:`) for this process alone. */
	static open(folder: string, openLog = (path: string): WriteAheadLog => new LogFlusher(path)): Database {
		if (folder === ":memory:") return new Database(openMemoryDatabase());
		const path = resolve(folder);
		return new Database(openDatabaseFile(path), openLog(`${databasePath(path)}-wal`));
	}

	private constructor(connection: DatabaseSync, log?: WriteAheadLog) {
		this.#connection = connection;
		this.#log = log;
		this.#checkpoint = log && new QuietTimer(QUIET_MS, () => this.#moveLog());
		this.#begin = connection.prepare("BEGIN");
		this.#commit = connection.prepare("COMMIT");
		this.#savepoint = connection.prepare("SAVEPOINT all_or_nothing");
		this.#release = connection.prepare("RELEASE all_or_nothing");
	}

	prepare(sql: string): StatementSync {
		return this.#connection.prepare(sql);
	}

	/** Writes what was promised to someone: `committed` waits until it is on disk. */
	durable<Result>(write: () => Result): Result {
		this.#currentBatch().durable = true;
		return this.#attempt(write);
	}

	/**
	 * Writes what may be lost with the power, though not with the process. The log keeps the order of all writes,
	 * so only a tail of the history can be lost, never a write with a later one kept.
	 */
	lazy<Result>(write: () => Result): Result {
		this.#currentBatch();
		return this.#attempt(write);
	}

	/** Undoes everything that `write` has written if it throws. Use within `durable` or `lazy`. */
	allOrNothing<Result>(write: () => Result): Result {
		this.#savepoint.run();
		try {
			const result = write();
			this.#release.run();
			return result;
		} catch (error) {
			if (this.#connection.isTransaction)
				this.#connection.exec("ROLLBACK TO all_or_nothing; RELEASE all_or_nothing");
			throw error;
		}
	}

	/** How many transactions have been rolled back so far. */
	get rollbacks(): number {
		return this.#rollbacks;
	}

	/** Whether the last transaction was rolled back: so it goes on, as a rule, until there is room on the disk again. */
	get isFailing(): boolean {
		return this.#isFailing;
	}

	/** Resolves when everything written so far survives the death of the process; rejects when it was rolled back. */
	written(): Promise<void> {
		if (!this.#batch) return settledNothing;
		this.#batch.written ??= Promise.withResolvers();
		return this.#batch.written.promise;
	}

	/**
	 * Resolves when everything written so far is committed, and what is durable is on disk; rejects when that fails.
	 * Whoever wrote in an earlier turn passes what `rollbacks` was before, so that a transaction lost since then
	 * rejects as well.
	 */
	committed(rollbacksBefore = this.#rollbacks): Promise<void> {
		if (this.#fault) return Promise.reject(this.#fault);
		if (rollbacksBefore !== this.#rollbacks) return Promise.reject(this.#rollbackCause);
		return this.#batch?.settled.promise ?? this.#log?.pending ?? settledNothing;
	}

	/** Calls back after each commit. Returns a function that ends this. */
	onCommit(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Calls back after each rollback, and once more after a turn. Returns a function that ends this. */
	onRollback(listener: () => void): () => void {
		this.#lossListeners.add(listener);
		return () => this.#lossListeners.delete(listener);
	}

	/** Commits what is open and closes the file, which brings everything to disk. */
	close(): void {
		if (!this.#connection.isOpen) return;
		this.#listeners.clear();
		this.#lossListeners.clear();
		if (this.#batch) this.#commitBatch(this.#batch);
		this.#checkpoint?.stop();
		try {
			this.#log?.close();
		} finally {
			this.#connection.close();
		}
	}

	#currentBatch(): Batch {
		if (this.#fault) throw this.#fault;
		if (this.#batch) return this.#batch;
		this.#begin.run();
		const batch = newBatch();
		this.#batch = batch;
		setImmediate(() => this.#commitBatch(batch));
		return batch;
	}

	#attempt<Result>(write: () => Result): Result {
		try {
			return write();
		} catch (error) {
			// A full disk or an I/O error makes SQLite give up the whole transaction.
			if (this.#batch && !this.#connection.isTransaction) this.#rolledBack(this.#batch, error);
			throw isDiskError(error) ? unavailable(error) : error;
		}
	}

	#commitBatch(batch: Batch): void {
		if (this.#batch !== batch) return;
		try {
			this.#commit.run();
		} catch (error) {
			if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
			this.#rolledBack(batch, error);
			return;
		}
		this.#batch = undefined;
		this.#isFailing = false;
		batch.written?.resolve();
		this.#settle(batch);
		this.#checkpoint?.touch();
		tell(this.#listeners);
	}

	#settle({ durable, settled }: Batch): void {
		const flushed = durable ? this.#log?.flush() : this.#log?.pending;
		if (!flushed) settled.resolve();
		else flushed.then(settled.resolve, (error: Error) => this.#fail(error, settled));
	}

	#rolledBack(batch: Batch, error: unknown): void {
		this.#batch = undefined;
		this.#rollbacks += 1;
		this.#rollbackCause = error;
		this.#isFailing = true;
		batch.written?.reject(error);
		batch.settled.reject(error);
		const tellAll = () => tell(this.#lossListeners);
		tellAll();
		// Whoever has written in this turn may only now hear that it has.
		setImmediate(tellAll);
	}

	/**
	 * After a failed flush nobody knows what is on disk, and a later flush may claim success without the lost part
	 * (https://lwn.net/Articles/752063/). So nothing is accepted any more: a restart reads what really is there.
	 */
	#fail(error: Error, settled: PromiseWithResolvers<void>): void {
		this.#fault ??= unavailable(new Error("The disk failed; restart AsyncQueue", { cause: error }));
		settled.reject(this.#fault);
	}

	#moveLog(): void {
		// An open transaction forbids it, and its commit arms the timer again.
		if (this.#batch) return;
		try {
			this.#connection.exec("PRAGMA wal_checkpoint(PASSIVE)");
		} catch {
			// Nothing is lost: the log is kept, and moved at another time.
		}
	}
}
