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

		/** As it is stored, however it is read. */
		const expectStored = async (queue: Queue): Promise<void> => {
			expect(await store.get(queue.teamId, queue.name)).toEqual(queue);
			expect(await store.getFresh(queue.teamId, queue.name)).toEqual(queue);
			expect(await store.list(queue.teamId)).toEqual([queue]);
		};

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

			it("lists a team's queues by name", async () => {
				const teamId = uniqueTeam();
				const queues = ["Zebra", "a", "a-b", "a.b", "b"].map((name) => aQueue({ teamId, name }));
				for (const index of [3, 0, 4, 2, 1]) await store.create(queues[index] as Queue);
				await store.create(aQueue());
				expect(await store.list(teamId)).toEqual(queues);
				expect(await store.list(uniqueTeam())).toEqual([]);
			});

			it("lists more queues than anyone has use for", async () => {
				const teamId = uniqueTeam();
				const names = Array.from({ length: 150 }, (_, index) => `queue-${1_000 + index}`);
				await Promise.all(names.map((name) => store.create(aQueue({ teamId, name }))));
				expect((await store.list(teamId)).map(({ name }) => name)).toEqual(names);
			});

			it("shows a write at once to whoever asks for it", async () => {
				const queue = aQueue();
				expect(await store.getFresh(queue.teamId, queue.name)).toBeUndefined();
				await store.create(queue);
				expect(await store.getFresh(queue.teamId, queue.name)).toEqual(queue);
				await store.put({ ...queue, settings: patient });
				expect(await store.getFresh(queue.teamId, queue.name)).toMatchObject({ settings: patient });
			});

			it("keeps settings for teams and queues in force", async () => {
				await expect(store.inForce()).resolves.toBeUndefined();
			});
		});

		describe("replacing queues", () => {
			it("replaces the settings for whoever knows the latest ones", async () => {
				const queue = await store.create(aQueue());
				const changed = { ...queue, settings: patient, updatedAt: NOON + 9 };
				expect(await store.replace(changed, NOON)).toEqual(changed);
				await expectStored(changed);
			});

			it("keeps what was noted meanwhile, and the instant of creation", async () => {
				const queue = await store.create(aQueue());
				await store.note(queue, { slowAt: NOON + 1 });
				const changed = { ...queue, settings: patient, createdAt: NOON + 9, updatedAt: NOON + 9 };
				const expected = { ...changed, createdAt: NOON, slowAt: NOON + 1 };
				expect(await store.replace(changed, NOON)).toEqual(expected);
				await expectStored(expected);
			});

			it("refuses when the settings are others by then", async () => {
				const queue = await store.create(aQueue());
				const changed = await store.put({ ...queue, settings: patient, updatedAt: NOON + 9 });
				expect(await store.replace({ ...queue, updatedAt: NOON + 10 }, NOON)).toBeUndefined();
				await expectStored(changed);
			});

			it("refuses when there is no such queue", async () => {
				const queue = aQueue();
				expect(await store.replace(queue, NOON)).toBeUndefined();
				expect(await store.getFresh(queue.teamId, queue.name)).toBeUndefined();
			});

			it("lets exactly one of 20 concurrent replacements through", async () => {
				const queue = await store.create(aQueue());
				const all = Array.from({ length: 20 }, (_, index) =>
					store.replace({ ...queue, updatedAt: NOON + 1 + index }, NOON),
				);
				const [winner, ...others] = (await Promise.all(all)).filter((stored) => stored);
				expect(others).toEqual([]);
				await expectStored(winner as Queue);
			});
		});

		describe("noting things about queues", () => {
			it("adds notes to the ones there are and changes nothing else", async () => {
				const queue = await store.create(aQueue({ settings: patient }));
				await store.note(queue, { slowAt: NOON + 1 });
				await expectStored({ ...queue, slowAt: NOON + 1 });
				await store.note(queue, { quickAt: NOON + 2, slowAt: undefined });
				const noted = { ...queue, slowAt: NOON + 1, quickAt: NOON + 2 };
				await expectStored(noted);
				await store.note(queue, { slowAt: NOON + 3 });
				await expectStored({ ...noted, slowAt: NOON + 3 });
			});

			it("does not make up a queue that is not there", async () => {
				const queue = aQueue();
				await store.note(queue, { slowAt: NOON });
				expect(await store.hold(queue, NOON)).toBeUndefined();
				await store.endHold(queue);
				expect(await store.getFresh(queue.teamId, queue.name)).toBeUndefined();
				expect(await store.list(queue.teamId)).toEqual([]);
			});
		});

		describe("holding queues", () => {
			it("holds a queue, changes nothing else of it and gives it back", async () => {
				const queue = await store.create(aQueue({ settings: patient }));
				await store.note(queue, { slowAt: NOON + 1 });
				const held = { ...queue, slowAt: NOON + 1, heldUntil: NOON + 30_000 };
				expect(await store.hold(queue, NOON + 30_000)).toEqual(held);
				await expectStored(held);
			});

			it("holds for longer, never for shorter", async () => {
				const queue = await store.create(aQueue());
				await store.hold(queue, NOON + 30_000);
				const held = { ...queue, heldUntil: NOON + 60_000 };
				for (const until of [NOON + 60_000, NOON + 30_000, NOON + 59_999, NOON + 60_000]) {
					expect(await store.hold(queue, until)).toEqual(held);
					await expectStored(held);
				}
			});

			it("lets the longest of 20 concurrent holds stand", async () => {
				const queue = await store.create(aQueue());
				const untils = Array.from({ length: 20 }, (_, index) => NOON + 1 + ((index * 7) % 20));
				const answers = await Promise.all(untils.map((until) => store.hold(queue, until)));
				await expectStored({ ...queue, heldUntil: NOON + 20 });
				for (const [index, until] of untils.entries())
					expect(answers[index]?.heldUntil).toBeGreaterThanOrEqual(until);
			});

			it("keeps notes and a hold, whatever is noted and when settings are put or replaced", async () => {
				const queue = await store.create(aQueue());
				await store.hold(queue, NOON + 60_000);
				await store.note(queue, { slowAt: NOON + 1 });
				const held = { ...queue, slowAt: NOON + 1, heldUntil: NOON + 60_000 };
				await expectStored(held);
				const put = { ...held, settings: patient, updatedAt: NOON + 9 };
				expect(await store.put({ ...queue, settings: patient, updatedAt: NOON + 9 })).toEqual(put);
				await expectStored(put);
				const replaced = { ...put, settings: defaultQueueSettings, updatedAt: NOON + 10 };
				expect(await store.replace({ ...queue, updatedAt: NOON + 10 }, NOON + 9)).toEqual(replaced);
				await expectStored(replaced);
			});

			it("ends a hold, after which a shorter one is possible", async () => {
				const queue = await store.create(aQueue());
				await store.hold(queue, NOON + 60_000);
				await store.endHold(queue);
				await expectStored({ ...queue, heldUntil: 0 });
				expect(await store.hold(queue, NOON + 30_000)).toEqual({ ...queue, heldUntil: NOON + 30_000 });
				await expectStored({ ...queue, heldUntil: NOON + 30_000 });
			});
		});

		describe("removing queues", () => {
			it("forgets a queue, its notes and its hold, which can then be created anew", async () => {
				const queue = await store.create(aQueue({ settings: patient }));
				const other = await store.create(aQueue());
				await store.note(queue, { slowAt: NOON });
				await store.hold(queue, NOON + 60_000);
				await store.remove(queue);
				expect(await store.getFresh(queue.teamId, queue.name)).toBeUndefined();
				expect(await store.list(queue.teamId)).toEqual([]);
				await expectStored(other);
				const anew = aQueue({ teamId: queue.teamId, createdAt: NOON + 5, updatedAt: NOON + 5 });
				expect(await store.create(anew)).toEqual(anew);
				await expectStored(anew);
			});

			it("is no error when there is none", async () => {
				await expect(store.remove(aQueue())).resolves.toBeUndefined();
			});
		});
	});
};
