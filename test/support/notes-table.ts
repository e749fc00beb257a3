import type { Database } from "../../lambda/adapters/embedded/database.ts";

/** A table to try transactions with. */
export type NotesTable = Readonly<{
	write(text: string): void;
	writeLazily(text: string): void;
	/** Inserts as part of a write that is under way. */
	insert(text: string): void;
	read(): unknown[];
}>;

export const prepareNotes = (database: Database): NotesTable => {
	database.prepare("CREATE TABLE notes (text TEXT)").run();
	const insert = database.prepare("INSERT INTO notes VALUES (?)");
	const select = database.prepare("SELECT text FROM notes ORDER BY rowid");
	return {
		write: (text) => database.durable(() => void insert.run(text)),
		writeLazily: (text) => database.lazy(() => void insert.run(text)),
		insert: (text) => void insert.run(text),
		read: () => select.all().map((row) => row["text"]),
	};
};
