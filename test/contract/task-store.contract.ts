import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finish, TaskStore } from "../../lambda/ports.ts";
import { claimOf, done, keyOf, makeActive, makeFinal, resultOf } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

/** A new, empty store of the world under test. */
export type TaskStoreHarness = Readonly<{ store: TaskStore; close(): Promise<void> }>;

const FINISH: Finish = { completedAt: NOON + 5, expiresAt: NOON + 604_800_005 };

const refused = (task: unknown) => ({ done: false, task });

/** What every `TaskStore` promises about single tasks. */
export const taskStoreContract = (world: string, make: () => Promise<TaskStoreHarness>): void => {
	describe(world, () => {
		let harness: TaskStoreHarness;
		let store: TaskStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		describe("storing tasks", () => {
			it("gives back every field of a task", async () => {
				const task = uniqueTask({
					mode: "test",
					priority: 10,
					delay: 3_600,
					maxRetries: 0,
					retryBackoff: "fixed",
					timeout: 120,
					traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
					tracestate: "vendor=a,other=b",
					dueAt: NOON + 3_600_000,
				});
				await store.put(task);
				expect(await store.get(keyOf(task))).toEqual(task);
			});

			it("gives back a task without its optional fields", async () => {
				const task = uniqueTask();
				await store.put(task);
				expect(await store.get(keyOf(task))).toEqual(task);
			});

			it.each([
				[
					"any script and astral symbols",
					JSON.stringify({ text: 'Straße 東京 🚀 \u0000 \u2028 \\ "', é: "e\u0301" }),
				],
				["200 KB of ASCII", JSON.stringify({ blob: "x".repeat(200_000) })],
				["200 KB of three-byte characters", JSON.stringify({ blob: "語".repeat(68_000) })],
				["an empty object", "{}"],
			])("keeps a payload of %s through a whole life", async (_, payload) => {
				const task = uniqueTask({ payload });
				const active = await makeActive(store, task);
				expect(active.payload).toBe(payload);
				const pending = await done(store.recordAttempt(resultOf(active, { status: "pending", dueAt: NOON })));
				expect(pending.payload).toBe(payload);
				expect((await store.get(keyOf(task)))?.payload).toBe(payload);
				const [listed] = (await store.list({ teamId: task.teamId, limit: 1 })).tasks;
				expect(listed?.payload).toBe(payload);
			});

			it("refuses an id that is taken and keeps the first task", async () => {
				const task = uniqueTask();
				expect(await store.put(task)).toBe("created");
				expect(await store.put({ ...task, payload: `{"again":"${"x".repeat(2_000)}"}` })).toBe("exists");
				expect(await store.get(keyOf(task))).toEqual(task);
			});

			it("lets exactly one of many puts with the same id through", async () => {
				const task = uniqueTask();
				const results = await Promise.all(Array.from({ length: 20 }, () => store.put(task)));
				expect(results.filter((result) => result === "created")).toHaveLength(1);
			});

			it("knows nothing of an id that was never stored", async () => {
				expect(await store.get(keyOf(uniqueTask()))).toBeUndefined();
			});
		});

		describe("claiming tasks", () => {
			it("makes a task active from the millisecond at which it is due", async () => {
				const task = uniqueTask({ dueAt: NOON + 1 });
				await store.put(task);
				const early = await store.claim(claimOf(task, { now: NOON }));
				expect(early).toEqual(refused(task));
				const claim = claimOf(task, { now: NOON + 1 });
				const active = { ...task, status: "active", leaseUntil: claim.leaseUntil };
				expect(await store.claim(claim)).toEqual({ done: true, task: active });
				expect(await store.get(keyOf(task))).toEqual(active);
			});

			it.each([0, 2])("refuses a claim of attempt %i of a task whose next one is 1", async (attempt) => {
				const task = uniqueTask();
				await store.put(task);
				expect(await store.claim(claimOf(task, { attempt }))).toEqual(refused(task));
			});

			it("gives an attempt to exactly one of 20 concurrent claims", async () => {
				const task = uniqueTask();
				await store.put(task);
				const leases = Array.from({ length: 20 }, (_, index) => NOON + 150_000 + index);
				const claims = await Promise.all(
					leases.map((leaseUntil) => store.claim(claimOf(task, { leaseUntil }))),
				);
				const [winner, ...others] = claims.filter((claim) => claim.done);
				expect(others).toEqual([]);
				expect((await store.get(keyOf(task)))?.leaseUntil).toBe(winner?.task?.leaseUntil);
				expect(claims.filter((claim) => claim.task?.status !== "active")).toEqual([]);
			});

			it("gives the same attempt away again when the lease has run out, not before", async () => {
				const active = await makeActive(store, uniqueTask());
				const leaseUntil = active.leaseUntil as number;
				const again = claimOf(active, { now: leaseUntil - 1 });
				expect(await store.claim(again)).toEqual(refused(active));
				const late = claimOf(active, { now: leaseUntil });
				const taken = { ...active, leaseUntil: late.leaseUntil };
				expect(await store.claim(late)).toEqual({ done: true, task: taken });
			});

			it("refuses a task that is finished, cancelled or unknown", async () => {
				const completed = await makeFinal(store, uniqueTask(), "completed");
				const failed = await makeFinal(store, uniqueTask(), "failed");
				const cancelled = uniqueTask();
				await store.put(cancelled);
				await store.cancel(keyOf(cancelled), FINISH);
				for (const task of [completed, failed])
					expect(await store.claim(claimOf(task, { now: NOON + 1e9 }))).toEqual(refused(task));
				expect(await store.claim(claimOf(cancelled))).toMatchObject(refused({ status: "cancelled" }));
				expect(await store.claim(claimOf(uniqueTask()))).toEqual(refused(undefined));
			});
		});

		describe("recording attempts", () => {
			it("completes a task", async () => {
				const active = await makeActive(store, uniqueTask());
				const next = { status: "completed", ...FINISH } as const;
				const success = { status: "success", responseCode: 204, error: null, responseBody: null } as const;
				const result = resultOf(active, next, success);
				const completed = {
					...active,
					status: "completed",
					...FINISH,
					leaseUntil: undefined,
					attempts: [result.attempt],
				};
				expect(await store.recordAttempt(result)).toEqual({ done: true, task: completed });
				expect(await store.get(keyOf(active))).toEqual(completed);
			});

			it("puts a task back for its next attempt, and appends each attempt to those before", async () => {
				let task = uniqueTask();
				await store.put(task);
				for (let attempt = 1; attempt <= 21; attempt += 1) {
					expect(task.attempt).toBe(attempt);
					const active = await done(store.claim(claimOf(task)));
					const dueAt = active.dueAt + 1_000;
					task = await done(store.recordAttempt(resultOf(active, { status: "pending", dueAt })));
					expect(task).toMatchObject({ status: "pending", attempt: attempt + 1, dueAt });
					expect(task.leaseUntil).toBeUndefined();
				}
				expect(task.attempts.map(({ number }) => number)).toEqual(
					Array.from({ length: 21 }, (_, i) => i + 1),
				);
				expect(await store.get(keyOf(task))).toEqual(task);
			});

			it("fails a task, whose attempt stays the number of its last one", async () => {
				const failed = await makeFinal(store, uniqueTask(), "failed");
				expect(failed).toMatchObject({ status: "failed", attempt: 1, completedAt: NOON + 1_000 });
				expect(failed.attempts).toHaveLength(1);
			});

			it("refuses the result of a claim that was lost to another", async () => {
				const stale = await makeActive(store, uniqueTask());
				const taken = await done(store.claim(claimOf(stale, { now: stale.leaseUntil as number })));
				const next = { status: "completed", ...FINISH } as const;
				expect(await store.recordAttempt(resultOf(stale, next))).toEqual(refused(taken));
				expect(await store.recordAttempt(resultOf(taken, next))).toMatchObject({ done: true });
			});

			it("refuses the same result a second time, and one of another attempt", async () => {
				const active = await makeActive(store, uniqueTask());
				const next = { status: "pending", dueAt: NOON } as const;
				const { leaseUntil } = active;
				const other = { ...resultOf({ ...active, attempt: 2 }, next) };
				expect(await store.recordAttempt(other)).toEqual(refused(active));
				const pending = await done(store.recordAttempt(resultOf(active, next)));
				expect(await store.recordAttempt(resultOf(active, next))).toEqual(refused(pending));
				const again = await done(store.claim(claimOf(pending, { leaseUntil: leaseUntil as number })));
				expect(await store.recordAttempt(resultOf({ ...again, attempt: 1 }, next))).toEqual(refused(again));
			});

			it("lets exactly one of 20 concurrent results through", async () => {
				const active = await makeActive(store, uniqueTask());
				const result = resultOf(active, { status: "pending", dueAt: NOON });
				const results = await Promise.all(Array.from({ length: 20 }, () => store.recordAttempt(result)));
				expect(results.filter((each) => each.done)).toHaveLength(1);
				expect((await store.get(keyOf(active)))?.attempts).toHaveLength(1);
			});
		});

		describe("other teams", () => {
			it("sees and changes nothing of another team's tasks", async () => {
				const pending = uniqueTask();
				await store.put(pending);
				const failed = await makeFinal(store, uniqueTask(), "failed");
				const active = await makeActive(store, uniqueTask());
				const teamId = uniqueTeam();
				expect(await store.get({ ...keyOf(pending), teamId })).toBeUndefined();
				expect(await store.claim(claimOf(pending, { teamId }))).toEqual(refused(undefined));
				expect(await store.cancel({ ...keyOf(pending), teamId }, FINISH)).toEqual(refused(undefined));
				expect(await store.close({ ...keyOf(pending), teamId }, 1, FINISH)).toEqual(refused(undefined));
				expect(await store.reopen({ ...keyOf(failed), teamId }, NOON)).toEqual(refused(undefined));
				const result = resultOf(active, { status: "completed", ...FINISH });
				expect(await store.recordAttempt({ ...result, teamId })).toEqual(refused(undefined));
				await store.remove({ ...keyOf(pending), teamId });
				for (const task of [pending, failed, active]) expect(await store.get(keyOf(task))).toEqual(task);
				expect(await store.list({ teamId, limit: 100 })).toEqual({ tasks: [], hasMore: false });
			});
		});
	});
};
