import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { LogFlusher } from "../../lambda/adapters/embedded/log-flusher.ts";
import { type NotesTable, prepareNotes } from "../support/notes-table.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;

beforeEach(() => {
	folder = makeTemporaryFolder("flush");
});
afterEach(() => folder.remove());

/** A log whose flushes end when the test says so. */
class ManualLog {
	readonly flushes: PromiseWithResolvers<void>[] = [];
	pending: Promise<void> | undefined;

	flush(): Promise<void> {
		const flush = Promise.withResolvers<void>();
		this.flushes.push(flush);
		this.pending = flush.promise;
		return flush.promise;
	}

	close(): void {}
}

/** Whether the promise is settled by what is going on already. */
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
	let settled = false;
	const settle = () => {
		settled = true;
	};
	promise.then(settle, settle);
	await nextTurn();
	return settled;
};

describe("flushing to the disk", () => {
	let log: ManualLog;
	let database: Database;
	let notes: NotesTable;

	beforeEach(() => {
		log = new ManualLog();
		database = Database.open(folder.path, () => log);
		notes = prepareNotes(database);
	});
	afterEach(() => database.close());

	it("holds durable writes back until they are on disk", async () => {
		notes.write("note");
		const committed = database.committed();
		expect(await isSettled(committed)).toBe(false);
		log.flushes[0]?.resolve();
		await expect(committed).resolves.toBeUndefined();
	});

	it("does not hold back who needs no more than a commit", async () => {
		notes.write("note");
		await expect(database.written()).resolves.toBeUndefined();
		expect(await isSettled(database.committed())).toBe(false);
		log.flushes[0]?.resolve();
	});

	it("does not flush for lazy writes", async () => {
		notes.writeLazily("note");
		await database.committed();
		expect(log.flushes).toHaveLength(0);
	});

	it("holds lazy writes back that come after durable ones which are not on disk yet", async () => {
		notes.write("durable");
		await nextTurn();
		notes.writeLazily("lazy");
		const committed = database.committed();
		expect(await isSettled(committed)).toBe(false);
		log.flushes[0]?.resolve();
		await expect(committed).resolves.toBeUndefined();
		expect(log.flushes).toHaveLength(1);
	});

	it("accepts nothing any more after a flush that failed", async () => {
		notes.write("note");
		const committed = database.committed();
		await nextTurn();
		log.flushes[0]?.reject(new Error("EIO"));
		const failure = { code: "unavailable", cause: { message: "The disk failed; restart AsyncQueue" } };
		await expect(committed).rejects.toMatchObject(failure);
		expect(() => notes.write("more")).toThrow("could not be stored");
		await expect(database.committed()).rejects.toMatchObject(failure);
	});
});

describe("an idle database", () => {
	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	});
	afterEach(() => vi.useRealTimers());

	it("has no timer before the first write, and none a quiet moment after the last", async () => {
		const database = Database.open(folder.path);
		const notes = prepareNotes(database);
		expect(vi.getTimerCount()).toBe(0);
		for (const text of ["first", "second"]) {
			notes.write(text);
			await database.committed();
		}
		expect(vi.getTimerCount()).toBe(1);
		vi.advanceTimersByTime(60_000);
		expect(vi.getTimerCount()).toBe(0);
		database.close();
	});
});

describe("the flusher of a log", () => {
	it("shares one flush between all who ask in one turn, and the next one between all who ask during it", async () => {
		const path = join(folder.path, "log");
		writeFileSync(path, "");
		const flusher = new LogFlusher(path);
		expect(flusher.pending).toBeUndefined();
		const first = flusher.flush();
		expect(flusher.flush()).toBe(first);
		// The flush begins once those who share it have asked.
		await Promise.resolve();
		const second = flusher.flush();
		expect(second).not.toBe(first);
		expect(flusher.flush()).toBe(second);
		expect(flusher.pending).toBe(second);
		await first;
		expect(flusher.pending).toBe(second);
		await second;
		expect(flusher.pending).toBeUndefined();
		flusher.close();
	});
});
