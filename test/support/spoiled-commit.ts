import type { Database } from "../../lambda/adapters/embedded/database.ts";

/** Prepares for `spoilCommit`. */
export const allowSpoiling = (database: Database): void => {
	database.prepare("CREATE TABLE parents (id INTEGER PRIMARY KEY)").run();
	database
		.prepare("CREATE TABLE orphans (parent REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)")
		.run();
};

/** Makes the commit of the open transaction fail, as a full disk would. */
export const spoilCommit = (database: Database): void => {
	database.lazy(() => database.prepare("INSERT INTO orphans VALUES (1)").run());
};
