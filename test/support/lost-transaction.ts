import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import type { Database } from "../../lambda/adapters/embedded/database.ts";

/** Rolls back the transaction that is open. */
export const loseTransaction = async (database: Database): Promise<void> => {
	const giveUp = () => {
		database.prepare("ROLLBACK").run();
		throw new Error("disk full");
	};
	expect(() => database.lazy(giveUp)).toThrow("disk full");
	await nextTurn();
};
