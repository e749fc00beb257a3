import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PumpSheet } from "../../lambda/core/pump-sheet.ts";
import { PlaceLostError, PumpPlace } from "../../lambda/usecases/pump-place.ts";
import { overriding } from "../support/port-overrides.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const QUEUE = { teamId: "team-a", name: "emails" };

let world: TestWorld;
let writes: number;
beforeEach(async () => {
	writes = 0;
	world = await createTestWorld(({ pumpSheets }) => ({
		pumpSheets: overriding(pumpSheets, {
			write: async (...args) => {
				const isWritten = await pumpSheets.write(...args);
				writes += isWritten ? 1 : 0;
				return isWritten;
			},
		}),
	}));
});
afterEach(() => world.close());

const take = (seats = 1) => PumpPlace.take(world.ports, QUEUE, seats);
const taken = async (seats = 1): Promise<PumpPlace> => {
	const place = await take(seats);
	if (!place) throw new Error("there is no seat");
	return place;
};
/** What pumps do before a call: nothing, where it is covered already. */
const cover = async (place: PumpPlace, timeoutMs: number, slotAt: number): Promise<void> => {
	if (!place.covers(timeoutMs, slotAt)) await place.cover(timeoutMs, slotAt);
	expect(place.covers(timeoutMs, slotAt)).toBe(true);
};
const sheet = (): Promise<PumpSheet> => world.ports.pumpSheets.read(QUEUE);
const leases = async () => (await sheet()).seats.map(({ leaseUntil }) => leaseUntil - world.clock.now());

describe("a place at a waiting line", () => {
	it("is one of the seats that nobody has, for three quarters of a second", async () => {
		const [first, second] = [await taken(2), await taken(2)];
		expect([first.seats, second.seats]).toEqual([[0], [1]]);
		expect([first.countFree(3), second.countFree(3)]).toEqual([2, 1]);
		expect(await leases()).toEqual([750, 750]);
		expect(await take(2)).toBeUndefined();
		world.clock.advanceBy(749);
		expect(await take(2)).toBeUndefined();
		world.clock.advanceBy(1);
		expect((await taken(2)).seats).toEqual([0]);
	});

	it("is given to one of those who come at the same time", async () => {
		const places = await Promise.all([take(), take(), take()]);
		expect(places.filter((place) => place !== undefined)).toHaveLength(1);
	});

	it("outlasts the call that is about to start, by a quarter of a second", async () => {
		const place = await taken();
		await cover(place, 5_000, 0);
		expect(await leases()).toEqual([5_750]);
		world.clock.advanceBy(5_749);
		expect(await take()).toBeUndefined();
	});

	it("is written down once in half a second, however many calls start", async () => {
		const place = await taken();
		writes = 0;
		await Promise.all([cover(place, 5_000, 0), cover(place, 5_000, 0), cover(place, 4_000, 0)]);
		world.clock.advanceBy(500);
		await cover(place, 5_000, 0);
		expect(writes).toBe(1);
		world.clock.advanceBy(1);
		await cover(place, 5_000, 0);
		expect(writes).toBe(2);
		expect(await leases()).toEqual([5_750]);
	});

	it("is not shortened by a quicker call, nor by one that needs only a later slot", async () => {
		const place = await taken();
		await cover(place, 60_000, 0);
		await cover(place, 1_000, START + 5_000);
		expect(await leases()).toEqual([60_750]);
		expect(place.slotAt).toBe(START + 5_500);
	});

	it("has the slots of the next half second on record as well", async () => {
		const place = await taken();
		await cover(place, 5_000, START + 10);
		expect(place.slotAt).toBe(START + 510);
		expect((await sheet()).seats[0]?.slotAt).toBe(START + 510);
		writes = 0;
		await cover(place, 5_000, START + 500);
		expect(writes).toBe(0);
		await cover(place, 5_000, START + 60_000);
		expect(place.slotAt).toBe(START + 60_500);
	});

	it("keeps what others have written meanwhile", async () => {
		const first = await taken(2);
		const second = await taken(2);
		await Promise.all([cover(first, 3_000, 0), cover(second, 9_000, 0)]);
		expect(await leases()).toEqual([3_750, 9_750]);
		expect([first.seats, second.seats]).toEqual([[0], [1]]);
	});

	it("can be several seats, whose calls end when the first lease does", async () => {
		const place = await taken(3);
		await place.takeAnother(3);
		expect(place.seats).toEqual([0, 1]);
		expect(place.countFree(3)).toBe(1);
		await cover(place, 5_000, START + 700);
		expect(await leases()).toEqual([5_750, 5_750]);
		expect(place.slotAt).toBe(START + 1_200);
		await taken(3);
		await place.takeAnother(3);
		await place.takeAnother(3);
		expect(place.seats).toEqual([0, 1]);
	});

	it("is lost to whoever comes after its lease, and its pump is told at its next call", async () => {
		const place = await taken();
		world.clock.advanceBy(750);
		const successor = await taken();
		const lost = cover(place, 5_000, 0);
		await expect(lost).rejects.toThrow(PlaceLostError);
		await expect(lost).rejects.toThrow("other pumps have taken over from this one at emails");
		await expect(place.leave(0, 0)).rejects.toMatchObject({ name: "PlaceLostError" });
		await cover(successor, 5_000, 0);
		expect(await leases()).toEqual([5_750]);
	});

	it("is kept after its lease as long as nobody comes", async () => {
		const place = await taken();
		world.clock.advanceBy(60_000);
		await cover(place, 5_000, 0);
		expect(await leases()).toEqual([5_750]);
	});
});

describe("leaving a waiting line", () => {
	it("frees the seat for the next, and passes on from when on calls are allowed", async () => {
		expect(await (await taken()).leave(START + 9_000, 0)).toBe(true);
		const next = await taken();
		expect([next.seats, next.slotAt]).toEqual([[0], START + 9_000]);
	});

	it("announces a visit, before which nobody has anything to do", async () => {
		await (await taken()).leave(0, START + 10_000);
		writes = 0;
		world.clock.advanceBy(9_999);
		expect(await take()).toBeUndefined();
		expect(writes).toBe(0);
		world.clock.advanceBy(1);
		expect((await taken()).seats).toEqual([0]);
	});

	it("is put off once when somebody came in vain, so that what they came for is seen", async () => {
		const place = await taken();
		expect(await take()).toBeUndefined();
		writes = 0;
		expect(await take()).toBeUndefined();
		expect(writes).toBe(0);
		// What this pump remembers of the sheet is older than the word that was left.
		expect(await place.leave(0, 0)).toBe(false);
		expect(place.seats).toEqual([0]);
		expect(await place.leave(0, 0)).toBe(true);
		expect((await sheet()).woken).toBe(false);
	});
});
