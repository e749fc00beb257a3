import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../lambda/adapters/embedded/database.ts";
import { type EmbeddedWorld, openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { WORK_VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { EMPTY_SHEET, freeSeats, leaveSeats } from "../../lambda/core/pump-sheet.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { allowSpoiling, spoilCommit } from "../support/spoiled-commit.ts";
import { claimOf, keyOf } from "../support/task-transitions.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";
import { uniqueApiKey } from "../support/unique-api-keys.ts";
import { NOON, uniqueTask } from "../support/unique-tasks.ts";

/** More than fits on a page: each of them needs room of its own. */
const LARGE = JSON.stringify({ text: "x".repeat(20_000) });

let folder: TemporaryFolder;
let world: EmbeddedWorld;

beforeEach(() => {
	folder = makeTemporaryFolder("full");
	world = openEmbeddedWorld({ folder: folder.path, clock: new VirtualClock(NOON) });
	allowSpoiling(world.database);
});
afterEach(() => {
	world.close();
	folder.remove();
});

/** Lets SQLite find the disk full where the database ends now, or not until much later. */
const limitPages = (isFull: boolean): void => {
	const { database } = world;
	const pages = isFull ? Number(database.prepare("PRAGMA page_count").get()?.["page_count"]) : 1_000_000;
	database.prepare(`PRAGMA max_page_count = ${pages}`).get();
};

/** Loses the open transaction in the middle of it. */
const loseNow = (database: Database): void =>
	database.lazy(() => {
		database.prepare("ROLLBACK").run();
		throw new Error("disk full");
	});

describe("a full disk", () => {
	it("refuses what does not fit as temporarily unavailable, and takes it when there is room again", async () => {
		const kept = uniqueTask();
		await world.stores.tasks.put(kept);
		await world.database.committed();
		limitPages(true);
		const refused = uniqueTask({ payload: LARGE });
		await expect(world.stores.tasks.put(refused)).rejects.toMatchObject({
			code: "unavailable",
			message: expect.not.stringContaining("full"),
			cause: { message: "database or disk is full" },
		});
		await nextTurn();
		expect(await world.stores.tasks.get(keyOf(kept))).toEqual(kept);
		expect(await world.stores.tasks.get(keyOf(refused))).toBeUndefined();
		limitPages(false);
		expect(await world.stores.tasks.put(refused)).toBe("created");
		await expect(world.database.committed()).resolves.toBeUndefined();
	});

	it("is known from one lost transaction until the next that is kept", async () => {
		const { database, messages, stores } = world;
		expect(messages.isFailing()).toBe(false);
		spoilCommit(database);
		await nextTurn();
		expect(messages.isFailing()).toBe(true);
		await stores.tasks.put(uniqueTask());
		expect(messages.isFailing()).toBe(true);
		await database.committed();
		expect(messages.isFailing()).toBe(false);
	});

	it.each([true, false])(
		"leaves nothing remembered of what it takes back; at the commit: %s",
		async (isLate) => {
			const { database, stores } = world;
			const key = uniqueApiKey();
			const { teamId } = key;
			await database.written();
			const times = { createdAt: NOON, updatedAt: NOON };
			const created = stores.queues.create({
				teamId,
				name: "emails",
				settings: defaultQueueSettings,
				...times,
			});
			const written = Promise.all([created, stores.keys.put(key)]);
			if (isLate) spoilCommit(database);
			else expect(() => loseNow(database)).toThrow("disk full");
			await written;
			await nextTurn();
			expect(await stores.queues.get(teamId, "emails")).toBeUndefined();
			expect(await stores.keys.get(teamId, key.id)).toBeUndefined();
		},
	);

	it("lets nobody believe in a claim that it takes back", async () => {
		const { database, stores } = world;
		const task = uniqueTask();
		await stores.tasks.put(task);
		await database.committed();
		const lost = stores.tasks.claim(claimOf(task));
		spoilCommit(database);
		await expect(lost).rejects.toThrow("FOREIGN KEY");
		expect(await stores.tasks.claim(claimOf(task))).toMatchObject({ done: true, task: { attempt: 1 } });
	});

	it("brings the message of a pump back no sooner than its seat is free, whatever the clock does", async () => {
		const [clock, steady] = [new VirtualClock(NOON), new VirtualClock(0)];
		const watched = openEmbeddedWorld({ folder: ":memory:", clock, steadyClock: steady });
		const { database, stores, workMessages } = watched;
		const queue = { teamId: "acme", name: "emails" };
		const [leaseUntil, owner] = [NOON + WORK_VISIBILITY_SECONDS * 1_000 - 1, "pump"];
		allowSpoiling(database);
		await stores.workQueue.send([{ kind: "pump", team_id: "acme", queue: "emails", due_at: NOON }]);
		const [received] = workMessages.receive(NOON, 1);
		const seat = { owner, leaseUntil, slotAt: 0 };
		await stores.pumpSheets.write(queue, { ...EMPTY_SHEET, seats: [seat] });
		await database.committed();
		await stores.pumpSheets.write(queue, leaveSeats(await stores.pumpSheets.read(queue), owner, 0, 0));
		workMessages.delete([received?.messageId ?? ""]);
		spoilCommit(database);
		await nextTurn();
		clock.advanceTo(leaseUntil + 1);
		expect(workMessages.receive(clock.now(), 1)).toEqual([]);
		steady.advanceBy(WORK_VISIBILITY_SECONDS * 1_000);
		clock.advanceBy(WORK_VISIBILITY_SECONDS * 1_000);
		expect(workMessages.receive(clock.now(), 1)).toHaveLength(1);
		expect(freeSeats(await stores.pumpSheets.read(queue), 1, clock.now())).toEqual([0]);
		watched.close();
	});
});
