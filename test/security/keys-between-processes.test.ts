import { describe } from "vitest";
import { DataKeyCipher } from "../../lambda/adapters/data-key-cipher.ts";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { FileDataKeys } from "../../lambda/adapters/embedded/file-data-keys.ts";
import { SqliteKeyStore } from "../../lambda/adapters/embedded/sqlite-key-store.ts";
import { keyStories } from "../support/key-stories.ts";

describe("two processes that remember keys", () => {
	keyStories("SQLite", () => {
		const cipher = new DataKeyCipher(FileDataKeys.inMemory());
		return { store: new SqliteKeyStore(Database.open(":memory:")), cipherOf: () => cipher };
	});
});
