import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { type NotesTable, prepareNotes } from "../support/notes-table.ts";
import { allowSpoiling, spoilCommit } from "../support/spoiled-commit.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";

describe.each([":memory:", "file"])("a database in %s", (place) => {
	let folder: TemporaryFolder;
	let database: Database;
	let notes: NotesTable;
	let commits: number;

	beforeEach(() => {
		folder = makeTemporaryFolder("database");
		database = Database.open(place === "file" ? folder.path : place);
		notes = prepareNotes(database);
		allowSpoiling(database);
		commits = 0;
		database.onCommit(() => {
			commits += 1;
		});
	});
	afterEach(() => {
		database.close();
		folder.remove();
	});

	it("shows a write at once and commits all writes of one turn together", async () => {
		for (let index = 0; index < 100; index += 1) notes.write(`note ${index}`);
		expect(notes.read()).toHaveLength(100);
		expect(commits).toBe(0);
		await database.committed();
		expect(commits).toBe(1);
	});

	it("commits writes of later turns separately", async () => {
		notes.write("first");
		await database.committed();
		notes.writeLazily("second");
		await database.committed();
		expect(commits).toBe(2);
	});

	it("has nothing to wait for when nothing was written", async () => {
		await expect(database.committed()).resolves.toBeUndefined();
		await nextTurn();
		expect(commits).toBe(0);
	});

	it("rolls a transaction back whose commit fails, tells everyone who waits, and goes on", async () => {
		notes.write("before");
		await database.committed();
		notes.write("lost");
		const early = database.committed();
		spoilCommit(database);
		notes.write("lost too");
		const late = database.committed();
		await expect(early).rejects.toThrow("FOREIGN KEY");
		await expect(late).rejects.toThrow("FOREIGN KEY");
		expect(notes.read()).toEqual(["before"]);
		notes.write("after");
		await database.committed();
		expect(notes.read()).toEqual(["before", "after"]);
		expect(commits).toBe(2);
	});

	it("tells those who ask after the failure, if they say when they began", async () => {
		const { rollbacks } = database;
		notes.write("lost");
		spoilCommit(database);
		await nextTurn();
		await nextTurn();
		await expect(database.committed(rollbacks)).rejects.toThrow("FOREIGN KEY");
		await expect(database.committed()).resolves.toBeUndefined();
	});

	it("undoes only the failed write when SQLite can", async () => {
		notes.write("kept");
		const fail = () =>
			database.allOrNothing(() => {
				notes.insert("undone");
				throw new Error("changed my mind");
			});
		expect(() => database.durable(fail)).toThrow("changed my mind");
		await database.committed();
		expect(notes.read()).toEqual(["kept"]);
	});

	it("loses the whole transaction, and says so, when SQLite gives it up", async () => {
		notes.write("before");
		await database.committed();
		notes.write("lost");
		const committed = database.committed();
		// What SQLite does by itself when the disk is full.
		const giveUp = () => {
			database.prepare("ROLLBACK").run();
			throw new Error("database or disk is full");
		};
		expect(() => database.durable(giveUp)).toThrow("disk is full");
		await expect(committed).rejects.toThrow("disk is full");
		expect(notes.read()).toEqual(["before"]);
		notes.write("after");
		await database.committed();
		expect(notes.read()).toEqual(["before", "after"]);
	});

	it("tells when a write would survive the process, before it is on disk", async () => {
		notes.write("note");
		expect(commits).toBe(0);
		await database.written();
		expect(commits).toBe(1);
		notes.write("lost");
		const written = database.written();
		spoilCommit(database);
		await expect(written).rejects.toThrow("FOREIGN KEY");
		await expect(database.written()).resolves.toBeUndefined();
	});

	it("no longer calls a listener that has left", async () => {
		const listener = vi.fn();
		const leave = database.onCommit(listener);
		leave();
		notes.write("note");
		await database.committed();
		expect(listener).not.toHaveBeenCalled();
	});

	it("commits what is open when it is closed", async () => {
		notes.write("note");
		const committed = database.committed();
		database.close();
		await expect(committed).resolves.toBeUndefined();
		database.close();
	});
});
