import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { HeldSeats } from "../../lambda/adapters/embedded/held-seats.ts";
import { SqlitePumpSheetStore } from "../../lambda/adapters/embedded/sqlite-pump-sheet-store.ts";
import { EMPTY_SHEET, leaveSeats, takeSeat } from "../../lambda/core/pump-sheet.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { NOON } from "../support/unique-tasks.ts";

const QUEUE = { teamId: "acme", name: "emails" };
const LEASE_MS = 30_000;
const HOUR_MS = 3_600_000;

let database: Database;
let clock: VirtualClock;
let steady: VirtualClock;
let store: SqlitePumpSheetStore;

beforeEach(async () => {
	database = Database.open(":memory:");
	clock = new VirtualClock(NOON);
	steady = new VirtualClock(0);
	store = new SqlitePumpSheetStore(database, new HeldSeats(clock, steady));
	expect(await take("pump-1")).toBe("taken");
});
afterEach(() => database.close());

/** What a pump that comes now finds. */
const take = async (owner: string): Promise<string> => {
	const now = clock.now();
	const sheet = await store.read(QUEUE);
	const answer = takeSeat(sheet, { seats: 1, owner, now, leaseUntil: now + LEASE_MS });
	if (answer.kind === "taken") expect(await store.write(QUEUE, answer.sheet)).toBe(true);
	return answer.kind;
};

describe("a pump's seat", () => {
	it("stays its own when only the wall clock has passed its lease", async () => {
		clock.advanceBy(HOUR_MS);
		steady.advanceBy(LEASE_MS - 1);
		expect(await take("pump-2")).toBe("busy");
		steady.advanceBy(1);
		expect(await take("pump-2")).toBe("taken");
	});

	it("is free when it has left", async () => {
		const sheet = await store.read(QUEUE);
		await store.write(QUEUE, leaveSeats(sheet, "pump-1", 0, 0));
		expect(await store.read(QUEUE)).toMatchObject({ seats: [{ owner: "", leaseUntil: 0 }] });
		expect(await take("pump-2")).toBe("taken");
	});

	it("lasts as long as was written while nobody sets the clock", async () => {
		clock.advanceBy(LEASE_MS - 1);
		steady.advanceBy(LEASE_MS - 1);
		expect(await store.read(QUEUE)).toMatchObject({ seats: [{ leaseUntil: NOON + LEASE_MS }] });
		expect(await store.read({ ...QUEUE, name: "other" })).toEqual(EMPTY_SHEET);
	});
});
