import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { SqliteWaitingLine } from "../../lambda/adapters/embedded/sqlite-waiting-line.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { NOON } from "../support/unique-tasks.ts";

const SHARDS = [0, 1, 2, 3];

it("the embedded waiting line keeps a message whose result may be lost", async () => {
	const database = Database.open(":memory:");
	onTestFinished(() => database.close());
	const line = new SqliteWaitingLine(database);
	const message = messageDueAt(NOON);
	const queue = { teamId: message.team_id, name: message.queue };
	await line.add([message]);
	const shown = await line.first(queue, SHARDS, 10);
	await database.committed();
	const giveUp = () => {
		database.prepare("ROLLBACK").run();
		throw new Error("disk full");
	};
	expect(() => database.lazy(giveUp)).toThrow("disk full");
	await nextTurn();
	await line.remove(shown);
	const shownAgain = await line.first(queue, SHARDS, 10);
	expect(shownAgain).toEqual([message]);
	await line.remove(shownAgain);
	expect(await line.first(queue, SHARDS, 10)).toEqual([]);
});
