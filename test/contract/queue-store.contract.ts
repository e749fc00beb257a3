import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultQueueSettings, type Queue } from "../../lambda/core/queue.ts";
import type { QueueStore } from "../../lambda/ports.ts";
import { NOON, uniqueTeam } from "../support/unique-tasks.ts";

export type QueueStoreHarness = Readonly<{ store: QueueStore; close(): Promise<void> }>;

const aQueue = (changes: Partial<Queue> = {}): Queue => ({
	teamId: uniqueTeam(),
	name: "emails",
	settings: defaultQueueSettings,
	createdAt: NOON,
	updatedAt: NOON,
	...changes,
});

const patient = { ...defaultQueueSettings, max_retries: 20, retry_backoff: "fixed", timeout: 120 } as const;

/** What every `QueueStore` promises. */
export const queueStoreContract = (world: string, make: () => Promise<QueueStoreHarness>): void => {
	describe(world, () => {
		let harness: QueueStoreHarness;
		let store: QueueStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		describe("keeping queues", () => {
			it("gives a created queue back", async () => {
				const queue = aQueue({ settings: patient });
				expect(await store.create(queue)).toEqual(queue);
				expect(await store.get(queue.teamId, queue.name)).toEqual(queue);
			});

			it("does not create a queue over an existing one", async () => {
				const queue = aQueue({ settings: patient });
				await store.create(queue);
				const other = { ...queue, settings: defaultQueueSettings, createdAt: NOON + 1, updatedAt: NOON + 1 };
				expect(await store.create(other)).toEqual(queue);
				expect(await store.get(queue.teamId, queue.name)).toEqual(queue);
			});

			it("creates a queue once for 20 concurrent requests", async () => {
				const queue = aQueue();
				const all = Array.from({ length: 20 }, (_, index) => ({ ...queue, createdAt: NOON + index }));
				const created = await Promise.all(all.map((each) => store.create(each)));
				expect(new Set(created.map(({ createdAt }) => createdAt)).size).toBe(1);
			});

			it("puts a queue that does not exist", async () => {
				const queue = aQueue({ settings: patient });
				expect(await store.put(queue)).toEqual(queue);
				expect(await store.get(queue.teamId, queue.name)).toEqual(queue);
			});

			it("replaces the settings of a queue and keeps the instant of its creation", async () => {
				const queue = aQueue();
				await store.create(queue);
				const changed = { ...queue, settings: patient, createdAt: NOON + 9, updatedAt: NOON + 9 };
				const expected = { ...changed, createdAt: NOON };
				expect(await store.put(changed)).toEqual(expected);
				expect(await store.get(queue.teamId, queue.name)).toEqual(expected);
			});

			it("tells teams and names apart", async () => {
				const queue = aQueue();
				await store.create(queue);
				expect(await store.get(uniqueTeam(), queue.name)).toBeUndefined();
				expect(await store.get(queue.teamId, "Emails")).toBeUndefined();
				const other = aQueue({ settings: patient });
				await store.put(other);
				expect(await store.get(queue.teamId, queue.name)).toEqual(queue);
			});
		});
	});
};
