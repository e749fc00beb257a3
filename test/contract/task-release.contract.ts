import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Task } from "../../lambda/core/task.ts";
import type { Finish, Release, TaskStore } from "../../lambda/ports.ts";
import { claimOf, done, keyOf, makeActive, makeFinal, resultOf } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";
import type { TaskStoreHarness } from "./task-store.contract.ts";

const FINISH: Finish = { completedAt: NOON + 5, expiresAt: NOON + 604_800_005 };

const refused = (task: unknown) => ({ done: false, task });

/** Gives back the claim that the task is under. */
const releaseOf = (task: Task, changes: Partial<Release> = {}): Release => ({
	...keyOf(task),
	attempt: task.attempt,
	leaseUntil: task.leaseUntil ?? NOON,
	...changes,
});

/** What every `TaskStore` promises about claims that are given back. */
export const taskReleaseContract = (world: string, make: () => Promise<TaskStoreHarness>): void => {
	describe(world, () => {
		let harness: TaskStoreHarness;
		let store: TaskStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		describe("giving claims back", () => {
			it.each([10, 200_000])(
				"makes the task pending again and changes nothing else of it (payload of %i characters)",
				async (length) => {
					const task = uniqueTask({
						payload: JSON.stringify({ blob: "x".repeat(length) }),
						webhookUrl: `https://example.com/${"x".repeat(2_000)}`,
						priority: 9,
					});
					const active = await makeActive(store, task);
					expect(await store.release(releaseOf(active))).toEqual({ done: true, task });
					expect(await store.get(keyOf(task))).toEqual(task);
				},
			);

			it("keeps the attempts that were made, and adds none", async () => {
				const first = await makeActive(store, uniqueTask());
				const next = { status: "pending", dueAt: NOON + 9_000 } as const;
				const pending = await done(store.recordAttempt(resultOf(first, next)));
				const second = await done(store.claim(claimOf(pending)));
				expect(await store.release(releaseOf(second))).toEqual({ done: true, task: pending });
				expect(await store.get(keyOf(pending))).toEqual(pending);
			});

			it("lets the same attempt be claimed at once, and its result be recorded", async () => {
				const active = await makeActive(store, uniqueTask());
				await store.release(releaseOf(active));
				const again = claimOf(active, { now: NOON + 1 });
				const claimed = await done(store.claim(again));
				expect(claimed).toEqual({ ...active, leaseUntil: again.leaseUntil });
				const completed = await done(
					store.recordAttempt(resultOf(claimed, { status: "completed", ...FINISH })),
				);
				expect(completed.attempts).toHaveLength(1);
			});

			it("does not let the attempt be claimed before it is due", async () => {
				const active = await makeActive(store, uniqueTask());
				const released = await done(store.release(releaseOf(active)));
				const early = claimOf(active, { now: released.dueAt - 1 });
				expect(await store.claim(early)).toEqual(refused(released));
			});

			it("lets the task be cancelled", async () => {
				const active = await makeActive(store, uniqueTask());
				await store.release(releaseOf(active));
				expect(await store.cancel(keyOf(active), FINISH)).toMatchObject({
					done: true,
					task: { status: "cancelled", attempts: [] },
				});
			});

			it("refuses the result of the claim from then on", async () => {
				const active = await makeActive(store, uniqueTask());
				const released = await done(store.release(releaseOf(active)));
				const result = resultOf(active, { status: "completed", ...FINISH });
				expect(await store.recordAttempt(result)).toEqual(refused(released));
				expect(await store.get(keyOf(active))).toEqual(released);
			});

			it("refuses another lease, another attempt and another team", async () => {
				const active = await makeActive(store, uniqueTask());
				const leaseUntil = active.leaseUntil as number;
				const others = [{ leaseUntil: leaseUntil + 1 }, { leaseUntil: leaseUntil - 1 }, { attempt: 2 }];
				for (const other of others)
					expect(await store.release(releaseOf(active, other))).toEqual(refused(active));
				const teamId = uniqueTeam();
				expect(await store.release(releaseOf(active, { teamId }))).toEqual(refused(undefined));
				expect(await store.get(keyOf(active))).toEqual(active);
			});

			it("refuses a claim that another has taken over, which stands", async () => {
				const stale = await makeActive(store, uniqueTask());
				const taken = await done(store.claim(claimOf(stale, { now: stale.leaseUntil as number })));
				expect(await store.release(releaseOf(stale))).toEqual(refused(taken));
				const result = resultOf(taken, { status: "completed", ...FINISH });
				expect(await store.recordAttempt(result)).toMatchObject({ done: true });
			});

			it("refuses a claim whose result is recorded", async () => {
				const active = await makeActive(store, uniqueTask());
				const next = { status: "pending", dueAt: NOON } as const;
				const pending = await done(store.recordAttempt(resultOf(active, next)));
				expect(await store.release(releaseOf(active))).toEqual(refused(pending));
			});

			it("refuses a task that is not active, or unknown", async () => {
				const pending = uniqueTask();
				await store.put(pending);
				const completed = await makeFinal(store, uniqueTask(), "completed");
				const failed = await makeFinal(store, uniqueTask(), "failed");
				for (const task of [pending, completed, failed])
					expect(await store.release(releaseOf(task))).toEqual(refused(task));
				expect(await store.release(releaseOf(uniqueTask()))).toEqual(refused(undefined));
			});

			it("gives a claim back once, of 20 who ask at the same time", async () => {
				const active = await makeActive(store, uniqueTask());
				const all = Array.from({ length: 20 }, () => store.release(releaseOf(active)));
				expect((await Promise.all(all)).filter((result) => result.done)).toHaveLength(1);
			});
		});
	});
};
