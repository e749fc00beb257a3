import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IdempotencyRecord } from "../../lambda/core/idempotency.ts";
import type { IdempotencyStore } from "../../lambda/ports.ts";
import { NOON, uniqueTeam } from "../support/unique-tasks.ts";

export type IdempotencyStoreHarness = Readonly<{ store: IdempotencyStore; close(): Promise<void> }>;

const DAY_MS = 86_400_000;

const aRecord = (changes: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
	teamId: uniqueTeam(),
	key: "order-1",
	fingerprint: "f".repeat(64),
	taskId: "task_1",
	createdAt: NOON,
	maxRetries: 3,
	expiresAt: NOON + DAY_MS,
	...changes,
});

/** What every `IdempotencyStore` promises. */
export const idempotencyStoreContract = (
	world: string,
	make: () => Promise<IdempotencyStoreHarness>,
): void => {
	describe(world, () => {
		let harness: IdempotencyStoreHarness;
		let store: IdempotencyStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		describe("reserving idempotency keys", () => {
			it("gives a new record back", async () => {
				const record = aRecord();
				expect(await store.reserve(record, NOON)).toEqual(record);
			});

			it("gives the first record back while it lives", async () => {
				const first = aRecord();
				await store.reserve(first, NOON);
				const second = { ...first, taskId: "task_2", fingerprint: "other", maxRetries: 0 };
				expect(await store.reserve(second, NOON + 1)).toEqual(first);
				expect(await store.reserve(second, NOON + DAY_MS - 1)).toEqual(first);
			});

			it("replaces a record that has expired", async () => {
				const first = aRecord();
				await store.reserve(first, NOON);
				const now = NOON + DAY_MS;
				const second = { ...first, taskId: "task_2", createdAt: now, expiresAt: now + DAY_MS };
				expect(await store.reserve(second, now)).toEqual(second);
				expect(await store.reserve(first, now + 1)).toEqual(second);
			});

			it("gives one and the same record to 20 concurrent requests", async () => {
				const record = aRecord();
				const all = Array.from({ length: 20 }, (_, index) => ({ ...record, taskId: `task_${index}` }));
				const standing = await Promise.all(all.map((each) => store.reserve(each, NOON)));
				expect(new Set(standing.map(({ taskId }) => taskId)).size).toBe(1);
				expect(await store.reserve(record, NOON)).toEqual(standing[0]);
			});

			it("tells teams and keys apart, to the last character", async () => {
				const record = aRecord();
				await store.reserve(record, NOON);
				const others = [
					{ ...record, teamId: uniqueTeam() },
					{ ...record, key: "ORDER-1" },
					{ ...record, key: "order-1 " },
					{ ...record, key: "#/order|1~" },
					{ ...record, key: "k".repeat(255) },
					{ ...record, key: `${"k".repeat(254)}l` },
				].map((other, index) => ({ ...other, taskId: `other_${index}` }));
				for (const other of others) expect(await store.reserve(other, NOON)).toEqual(other);
				expect(await store.reserve(record, NOON)).toEqual(record);
			});
		});
	});
};
