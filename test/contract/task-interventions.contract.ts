import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finish, TaskStore } from "../../lambda/ports.ts";
import { claimOf, done, keyOf, makeActive, makeFinal, resultOf } from "../support/task-transitions.ts";
import { NOON, uniqueTask } from "../support/unique-tasks.ts";
import type { TaskStoreHarness } from "./task-store.contract.ts";

const refused = (task: unknown) => ({ done: false, task });

/** An end at this instant, with a week to look at it. */
const finishAt = (completedAt: number): Finish => ({ completedAt, expiresAt: completedAt + 604_800_000 });

/** What every `TaskStore` promises about changes that somebody asks for: cancel, reopen, close, erase, remove. */
export const taskInterventionsContract = (world: string, make: () => Promise<TaskStoreHarness>): void => {
	describe(world, () => {
		let harness: TaskStoreHarness;
		let store: TaskStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		describe("cancelling tasks", () => {
			it("cancels a pending task", async () => {
				const task = uniqueTask();
				await store.put(task);
				const cancelled = { ...task, status: "cancelled", ...finishAt(NOON + 1) };
				expect(await store.cancel(keyOf(task), finishAt(NOON + 1))).toEqual({ done: true, task: cancelled });
				expect(await store.get(keyOf(task))).toEqual(cancelled);
			});

			it("cancels a task between two attempts and keeps its first one", async () => {
				const active = await makeActive(store, uniqueTask());
				await store.recordAttempt(resultOf(active, { status: "pending", dueAt: NOON + 1_000 }));
				const cancelled = await done(store.cancel(keyOf(active), finishAt(NOON)));
				expect(cancelled).toMatchObject({ status: "cancelled", attempts: [{ number: 1 }] });
			});

			it("refuses a task that is active, finished, cancelled or unknown", async () => {
				const active = await makeActive(store, uniqueTask());
				const completed = await makeFinal(store, uniqueTask(), "completed");
				const failed = await makeFinal(store, uniqueTask(), "failed");
				for (const task of [active, completed, failed])
					expect(await store.cancel(keyOf(task), finishAt(NOON))).toEqual(refused(task));
				const task = uniqueTask();
				expect(await store.cancel(keyOf(task), finishAt(NOON))).toEqual(refused(undefined));
				await store.put(task);
				const cancelled = await done(store.cancel(keyOf(task), finishAt(NOON)));
				expect(await store.cancel(keyOf(task), finishAt(NOON + 1))).toEqual(refused(cancelled));
			});

			it("never lets both a cancel and a claim succeed", async () => {
				const tasks = Array.from({ length: 20 }, () => uniqueTask());
				await Promise.all(tasks.map((task) => store.put(task)));
				const outcomes = await Promise.all(
					tasks.map(async (task, index) => {
						const cancel = () => store.cancel(keyOf(task), finishAt(NOON));
						const claim = () => store.claim(claimOf(task));
						const race = index % 2 === 0 ? [cancel(), claim()] : [claim(), cancel()];
						return (await Promise.all(race)).filter((result) => result.done).length;
					}),
				);
				expect(outcomes).toEqual(tasks.map(() => 1));
			});
		});

		describe("reopening tasks", () => {
			it("puts a failed task back with the next attempt number and a fresh set of retries", async () => {
				const first = await makeActive(store, uniqueTask());
				const pending = await done(store.recordAttempt(resultOf(first, { status: "pending", dueAt: NOON })));
				const second = await done(store.claim(claimOf(pending)));
				const end = { status: "failed", ...finishAt(NOON + 2) } as const;
				const failed = await done(store.recordAttempt(resultOf(second, end)));
				const reopened = {
					...failed,
					status: "pending",
					attempt: 3,
					attemptsBefore: 2,
					dueAt: NOON + 9,
					completedAt: undefined,
					expiresAt: undefined,
				};
				expect(await store.reopen(keyOf(failed), NOON + 9)).toEqual({ done: true, task: reopened });
				expect(await store.get(keyOf(failed))).toEqual(reopened);
				expect(await store.claim(claimOf({ ...failed, attempt: 3, dueAt: NOON + 9 }))).toMatchObject({
					done: true,
				});
			});

			it("refuses a task that has not failed, or is unknown", async () => {
				const pending = uniqueTask();
				await store.put(pending);
				const active = await makeActive(store, uniqueTask());
				const completed = await makeFinal(store, uniqueTask(), "completed");
				const task = uniqueTask();
				await store.put(task);
				const cancelled = await done(store.cancel(keyOf(task), finishAt(NOON)));
				for (const each of [pending, active, completed, cancelled])
					expect(await store.reopen(keyOf(each), NOON)).toEqual(refused(each));
				expect(await store.reopen(keyOf(uniqueTask()), NOON)).toEqual(refused(undefined));
			});

			it("refuses a task that failed too late for whoever asks", async () => {
				const failed = await makeFinal(store, uniqueTask(), "failed");
				const failedAt = failed.completedAt as number;
				expect(await store.reopen(keyOf(failed), NOON, failedAt)).toEqual(refused(failed));
				expect(await store.get(keyOf(failed))).toEqual(failed);
				expect(await store.reopen(keyOf(failed), NOON, failedAt + 1)).toMatchObject({ done: true });
			});

			it("lets exactly one of 20 concurrent reopens through", async () => {
				const failed = await makeFinal(store, uniqueTask(), "failed");
				const all = Array.from({ length: 20 }, () => store.reopen(keyOf(failed), NOON));
				expect((await Promise.all(all)).filter((result) => result.done)).toHaveLength(1);
				expect(await store.get(keyOf(failed))).toMatchObject({ attempt: 2, attemptsBefore: 1 });
			});
		});

		describe("erasing tasks", () => {
			it.each([10, 200_000])(
				"deletes a finished task with a payload of %i characters without a trace",
				async (length) => {
					const task = uniqueTask({ payload: JSON.stringify({ blob: "x".repeat(length) }) });
					const completed = await makeFinal(store, task, "completed");
					expect(await store.erase(keyOf(completed))).toBe(true);
					expect(await store.get(keyOf(task))).toBeUndefined();
					expect(await store.list({ teamId: task.teamId, limit: 10 })).toEqual({ tasks: [], hasMore: false });
					expect(await store.erase(keyOf(completed))).toBe(false);
					const other = { ...task, payload: JSON.stringify({ blob: "y".repeat(length) }) };
					expect(await store.put(other)).toBe("created");
					expect(await store.get(keyOf(task))).toEqual(other);
				},
			);

			it("deletes failed and cancelled tasks too", async () => {
				const failed = await makeFinal(store, uniqueTask(), "failed");
				const cancelled = uniqueTask();
				await store.put(cancelled);
				await store.cancel(keyOf(cancelled), finishAt(NOON));
				for (const task of [failed, cancelled]) {
					expect(await store.erase(keyOf(task))).toBe(true);
					expect(await store.get(keyOf(task))).toBeUndefined();
				}
			});

			it("leaves unfinished tasks and those of others alone", async () => {
				const pending = uniqueTask();
				await store.put(pending);
				const active = await makeActive(store, uniqueTask());
				const failed = await makeFinal(store, uniqueTask(), "failed");
				const reopened = await done(store.reopen(keyOf(failed), NOON));
				for (const task of [pending, active, reopened]) {
					expect(await store.erase(keyOf(task))).toBe(false);
					expect(await store.get(keyOf(task))).toEqual(task);
				}
				const completed = await makeFinal(store, uniqueTask(), "completed");
				expect(await store.erase({ ...keyOf(completed), teamId: pending.teamId })).toBe(false);
				expect(await store.get(keyOf(completed))).toEqual(completed);
			});
		});

		describe("taking back", () => {
			it("closes a reopened task, which can then be reopened for the same attempt", async () => {
				const failed = await makeFinal(store, uniqueTask(), "failed");
				const reopened = await done(store.reopen(keyOf(failed), NOON + 5));
				const closed = await done(store.close(keyOf(failed), reopened.attempt, finishAt(NOON + 6)));
				expect(closed).toMatchObject({ status: "failed", ...finishAt(NOON + 6), attempts: failed.attempts });
				expect(await store.reopen(keyOf(failed), NOON + 7)).toMatchObject({
					done: true,
					task: { attempt: 2, attemptsBefore: 1, dueAt: NOON + 7 },
				});
			});

			it("closes only the attempt it was asked to, while it is pending", async () => {
				const failed = await makeFinal(store, uniqueTask(), "failed");
				expect(await store.close(keyOf(failed), 1, finishAt(NOON))).toEqual(refused(failed));
				const reopened = await done(store.reopen(keyOf(failed), NOON));
				expect(await store.close(keyOf(failed), 1, finishAt(NOON))).toEqual(refused(reopened));
				const active = await done(store.claim(claimOf(reopened)));
				expect(await store.close(keyOf(failed), 2, finishAt(NOON))).toEqual(refused(active));
				expect(await store.close(keyOf(uniqueTask()), 1, finishAt(NOON))).toEqual(refused(undefined));
			});

			it.each([10, 200_000])(
				"removes a task with a payload of %i characters without a trace",
				async (length) => {
					const task = uniqueTask({ payload: JSON.stringify({ blob: "x".repeat(length) }) });
					await store.put(task);
					await store.remove(keyOf(task));
					expect(await store.get(keyOf(task))).toBeUndefined();
					expect(await store.list({ teamId: task.teamId, limit: 10 })).toEqual({ tasks: [], hasMore: false });
					const other = { ...task, payload: JSON.stringify({ blob: "y".repeat(length) }) };
					expect(await store.put(other)).toBe("created");
					expect(await store.get(keyOf(task))).toEqual(other);
				},
			);

			it("does not remove a task that was ever attempted or is final", async () => {
				const active = await makeActive(store, uniqueTask());
				const retried = await makeActive(store, uniqueTask());
				const pending = await done(
					store.recordAttempt(resultOf(retried, { status: "pending", dueAt: NOON })),
				);
				const task = uniqueTask();
				await store.put(task);
				const cancelled = await done(store.cancel(keyOf(task), finishAt(NOON)));
				for (const kept of [active, pending, cancelled]) {
					await store.remove(keyOf(kept));
					expect(await store.get(keyOf(kept))).toEqual(kept);
				}
			});

			it("removes what is not there without complaint", async () => {
				await expect(store.remove(keyOf(uniqueTask()))).resolves.toBeUndefined();
			});
		});
	});
};
