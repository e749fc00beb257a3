import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CachedQueueStore } from "../../lambda/adapters/cached-queue-store.ts";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { SqliteQueueStore } from "../../lambda/adapters/embedded/sqlite-queue-store.ts";
import { defaultQueueSettings, type Queue } from "../../lambda/core/queue.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { NOON } from "../support/unique-tasks.ts";

const old: Queue = {
	teamId: "acme",
	name: "emails",
	settings: defaultQueueSettings,
	createdAt: NOON,
	updatedAt: NOON,
};
const paused: Queue = { ...old, settings: { ...old.settings, paused: true }, updatedAt: NOON + 1 };

let clock: VirtualClock;
let database: Database;
/** Two processes that share one store. */
let here: CachedQueueStore;
let elsewhere: CachedQueueStore;

beforeEach(async () => {
	clock = new VirtualClock(NOON);
	database = Database.open(":memory:");
	const store = new SqliteQueueStore(database);
	here = new CachedQueueStore({ store, clock, timer: clock });
	elsewhere = new CachedQueueStore({ store, clock, timer: clock });
	await here.create(old);
	await elsewhere.put(paused);
});
afterEach(() => database.close());

const isPaused = async (): Promise<boolean | undefined> =>
	(await here.get("acme", "emails"))?.settings.paused;

describe("remembered queues that were changed elsewhere", () => {
	it("are in force here as soon as they are said to be", async () => {
		expect(await isPaused()).toBe(false);
		let inForce = false;
		const waiting = elsewhere.inForce().then(() => {
			inForce = true;
		});
		clock.advanceBy(4_999);
		await nextTurn();
		expect([inForce, await isPaused()]).toEqual([false, false]);
		clock.advanceBy(1_000);
		await nextTurn();
		expect([inForce, await isPaused()]).toEqual([false, true]);
		clock.advanceBy(1);
		await waiting;
	});

	it("are seen at once by whoever asks for the latest, and by everybody here from then on", async () => {
		expect((await here.getFresh("acme", "emails"))?.settings.paused).toBe(true);
		expect(await isPaused()).toBe(true);
	});

	it("are not remembered for longer because something is noted about them", async () => {
		clock.advanceBy(4_999);
		await here.note(old, { slowAt: NOON + 1 });
		expect(await here.get("acme", "emails")).toMatchObject({ settings: { paused: false }, slowAt: NOON + 1 });
		clock.advanceBy(1);
		expect(await here.get("acme", "emails")).toMatchObject({ settings: { paused: true }, slowAt: NOON + 1 });
	});

	it("are held for as long as is stored, also when it was asked for elsewhere", async () => {
		await elsewhere.hold(old, NOON + 60_000);
		expect(await here.hold(old, NOON + 30_000)).toMatchObject({ heldUntil: NOON + 60_000 });
		expect(await here.get("acme", "emails")).toMatchObject({ heldUntil: NOON + 60_000 });
		await elsewhere.hold(old, NOON + 90_000);
		await here.endHold(old);
		expect(await here.get("acme", "emails")).toMatchObject({ heldUntil: 0 });
	});

	it("are not remembered for longer because they are held", async () => {
		clock.advanceBy(4_999);
		await here.hold(old, NOON + 60_000);
		expect(await isPaused()).toBe(false);
		clock.advanceBy(1);
		expect(await isPaused()).toBe(true);
	});

	it("are read again when they turn out to be others than expected", async () => {
		expect(await here.replace({ ...old, updatedAt: NOON + 2 }, NOON)).toBeUndefined();
		expect(await isPaused()).toBe(true);
	});
});

describe("remembered queues", () => {
	it("are forgotten when they are removed", async () => {
		await here.remove(old);
		expect(await here.get("acme", "emails")).toBeUndefined();
	});

	it("are in force at once where nobody else remembers any", async () => {
		const alone = new CachedQueueStore({ store: new SqliteQueueStore(database), clock });
		await expect(alone.inForce()).resolves.toBeUndefined();
	});
});
