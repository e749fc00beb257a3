import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EMPTY_SHEET, type PumpSheet } from "../../lambda/core/pump-sheet.ts";
import type { QueueKey } from "../../lambda/core/queue.ts";
import type { PumpSheetStore } from "../../lambda/ports.ts";
import { NOON, uniqueTeam } from "../support/unique-tasks.ts";

export type PumpSheetStoreHarness = Readonly<{ store: PumpSheetStore; close(): Promise<void> }>;

const taken: PumpSheet = {
	version: 0,
	seats: [
		{ owner: "pump-1", leaseUntil: NOON + 240_000, slotAt: NOON + 0.5 },
		{ owner: "", leaseUntil: 0, slotAt: 0 },
	],
	woken: true,
	visitAt: NOON + 60_000,
};

/** What every `PumpSheetStore` promises. */
export const pumpSheetStoreContract = (world: string, make: () => Promise<PumpSheetStoreHarness>): void => {
	describe(world, () => {
		let harness: PumpSheetStoreHarness;
		let store: PumpSheetStore;
		let queue: QueueKey;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
			queue = { teamId: uniqueTeam(), name: "emails" };
		});
		afterEach(() => harness.close());

		describe("keeping pump sheets", () => {
			it("begins with the empty one", async () => {
				expect(await store.read(queue)).toEqual(EMPTY_SHEET);
			});

			it("gives every field back, under the next version", async () => {
				expect(await store.write(queue, taken)).toBe(true);
				expect(await store.read(queue)).toEqual({ ...taken, version: 1 });
			});

			it("replaces a sheet for whoever has read it", async () => {
				await store.write(queue, taken);
				const read = await store.read(queue);
				expect(await store.write(queue, { ...read, seats: [], woken: false })).toBe(true);
				expect(await store.read(queue)).toEqual({ ...taken, version: 2, seats: [], woken: false });
			});

			it("refuses a sheet that was read before another was written", async () => {
				await store.write(queue, taken);
				expect(await store.write(queue, { ...EMPTY_SHEET, visitAt: 1 })).toBe(false);
				expect(await store.write(queue, { ...taken, version: 2 })).toBe(false);
				expect(await store.read(queue)).toEqual({ ...taken, version: 1 });
			});

			it("refuses a sheet of a version that never was", async () => {
				expect(await store.write(queue, { ...taken, version: 1 })).toBe(false);
				expect(await store.read(queue)).toEqual(EMPTY_SHEET);
			});

			it.each([0, 1])("lets exactly one of 20 writers of version %i through", async (version) => {
				if (version === 1) await store.write(queue, taken);
				const sheets = Array.from({ length: 20 }, (_, index) => ({ ...taken, version, visitAt: index }));
				const written = await Promise.all(sheets.map((sheet) => store.write(queue, sheet)));
				expect(written.filter(Boolean)).toHaveLength(1);
				const visitAt = written.indexOf(true);
				expect(await store.read(queue)).toEqual({ ...taken, version: version + 1, visitAt });
			});

			it("tells teams and queues apart", async () => {
				await store.write(queue, taken);
				expect(await store.read({ ...queue, name: "Emails" })).toEqual(EMPTY_SHEET);
				expect(await store.read({ ...queue, teamId: uniqueTeam() })).toEqual(EMPTY_SHEET);
			});
		});
	});
};
