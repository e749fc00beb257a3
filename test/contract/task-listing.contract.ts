import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Task, TaskStatus } from "../../lambda/core/task.ts";
import type { TaskQuery } from "../../lambda/core/task-page.ts";
import type { Finish, TaskStore } from "../../lambda/ports.ts";
import { claimOf, done, keyOf, makeActive, makeFinal } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";
import type { TaskStoreHarness } from "./task-store.contract.ts";

const FINISH: Finish = { completedAt: NOON, expiresAt: NOON + 604_800_000 };

const idsOf = (tasks: readonly Task[]): string[] => tasks.map(({ id }) => id);

const newestFirst = (tasks: readonly Task[]): string[] => idsOf(tasks).sort().reverse();

/** What every `TaskStore` promises about finding tasks. */
export const taskListingContract = (world: string, make: () => Promise<TaskStoreHarness>): void => {
	describe(world, () => {
		let harness: TaskStoreHarness;
		let store: TaskStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		const putAll = (tasks: readonly Task[]) => Promise.all(tasks.map((task) => store.put(task)));

		/** The ids of every page, from the newest task to the oldest. */
		const walk = async (query: Omit<TaskQuery, "before">): Promise<string[][]> => {
			const pages: string[][] = [];
			let before: string | undefined;
			for (;;) {
				const { tasks, hasMore } = await store.list({ ...query, before });
				pages.push(idsOf(tasks));
				before = tasks.at(-1)?.id;
				if (!hasMore) return pages;
			}
		};

		describe("listing tasks", () => {
			it("shows the newest ids first, in whatever order they were stored", async () => {
				const teamId = uniqueTeam();
				const tasks = Array.from({ length: 5 }, (_, index) => uniqueTask({ teamId, queue: `q${index % 2}` }));
				for (const index of [3, 0, 4, 2, 1]) await store.put(tasks[index] as Task);
				const page = await store.list({ teamId, limit: 100 });
				expect(page).toEqual({ tasks: tasks.toReversed(), hasMore: false });
			});

			it.each([
				{},
				{ queue: "reports" },
				{ status: "pending" },
				{ queue: "reports", status: "pending" },
			] as const)("pages through 137 tasks without gaps or doubles: %o", async (filter) => {
				const teamId = uniqueTeam();
				const reports = Array.from({ length: 137 }, () => uniqueTask({ teamId, queue: "reports" }));
				const mails = Array.from({ length: 20 }, () => uniqueTask({ teamId }));
				await putAll([...reports, ...mails]);
				const pages = await walk({ teamId, limit: 50, ...filter });
				const expected = newestFirst("queue" in filter ? reports : [...reports, ...mails]);
				expect(pages.flat()).toEqual(expected);
				expect(pages.slice(0, -1).map(({ length }) => length)).toEqual(pages.slice(1).map(() => 50));
			});

			it("says that there is no more when the last task is on the page", async () => {
				const teamId = uniqueTeam();
				await putAll([uniqueTask({ teamId }), uniqueTask({ teamId })]);
				expect(await store.list({ teamId, limit: 2 })).toMatchObject({ hasMore: false });
				expect(await store.list({ teamId, limit: 1 })).toMatchObject({ hasMore: true });
				expect(await store.list({ teamId, limit: 2, queue: "emails" })).toMatchObject({ hasMore: false });
				expect(await store.list({ teamId, limit: 1, queue: "emails" })).toMatchObject({ hasMore: true });
			});

			it("does not show new tasks on later pages", async () => {
				const teamId = uniqueTeam();
				const [oldest, older, old] = [uniqueTask({ teamId }), uniqueTask({ teamId }), uniqueTask({ teamId })];
				await putAll([oldest, older, old]);
				const { tasks } = await store.list({ teamId, limit: 1 });
				expect(idsOf(tasks)).toEqual([old.id]);
				await store.put(uniqueTask({ teamId }));
				const rest = await store.list({ teamId, limit: 10, before: old.id });
				expect(idsOf(rest.tasks)).toEqual([older.id, oldest.id]);
			});

			it("finds tasks by the status they have now, in one queue or all", async () => {
				const teamId = uniqueTeam();
				const task = (queue: string) => uniqueTask({ teamId, queue });
				const found = async (query: Omit<TaskQuery, "teamId" | "limit">) =>
					idsOf((await store.list({ teamId, limit: 100, ...query })).tasks);
				const pending = [task("a"), task("b")];
				await putAll(pending);
				const cancelled = task("a");
				await store.put(cancelled);
				await store.cancel(keyOf(cancelled), FINISH);
				const active = await makeActive(store, task("b"));
				const failed = [
					await makeFinal(store, task("b"), "failed"),
					await makeFinal(store, task("a"), "failed"),
				];
				const completed = await makeFinal(store, task("a"), "completed");
				expect(await found({ status: "pending" })).toEqual(newestFirst(pending));
				expect(await found({ status: "active" })).toEqual([active.id]);
				expect(await found({ status: "failed" })).toEqual(newestFirst(failed));
				expect(await found({ status: "completed" })).toEqual([completed.id]);
				expect(await found({ status: "cancelled" })).toEqual([cancelled.id]);
				expect(await found({ status: "failed", queue: "a" })).toEqual([failed[1]?.id]);
				expect(await found({ status: "active", queue: "a" })).toEqual([]);
				expect(await found({ queue: "b" })).toEqual(
					newestFirst([pending[1], active, failed[0]].filter((each) => each !== undefined)),
				);
				expect(await found({ queue: "c" })).toEqual([]);
			});

			it("does not take one queue for another whose name begins alike", async () => {
				const teamId = uniqueTeam();
				const mail = uniqueTask({ teamId, queue: "mail" });
				await putAll([mail, uniqueTask({ teamId, queue: "mails" }), uniqueTask({ teamId, queue: "mai" })]);
				expect(await store.list({ teamId, queue: "mail", limit: 10 })).toEqual({
					tasks: [mail],
					hasMore: false,
				});
			});
		});

		describe("walking through a queue", () => {
			const queue = { teamId: "", name: "reports" };
			beforeEach(() => {
				queue.teamId = uniqueTeam();
			});

			const report = (changes: Partial<Task> = {}): Task =>
				uniqueTask({ teamId: queue.teamId, queue: queue.name, ...changes });

			/** Every task of the walk; `visit` is called with each page before the next one is asked for. */
			const walkAll = async (
				status: TaskStatus,
				visit = async (_: readonly Task[]): Promise<unknown> => undefined,
			): Promise<Task[]> => {
				const seen: Task[] = [];
				let cursor: string | undefined;
				do {
					const { tasks, nextCursor } = await store.walk(queue, status, cursor);
					expect(tasks.length).toBeLessThanOrEqual(100);
					seen.push(...tasks);
					await visit(tasks);
					cursor = nextCursor;
				} while (cursor !== undefined);
				return seen;
			};

			it("meets every task of the status once, and no other", async () => {
				const pending = Array.from({ length: 230 }, () => report());
				await putAll([...pending, report({ queue: "Reports" }), report({ teamId: uniqueTeam() })]);
				const failed = await makeFinal(store, report(), "failed");
				const active = await makeActive(store, report());
				expect(idsOf(await walkAll("pending")).sort()).toEqual(idsOf(pending).sort());
				expect(await walkAll("failed")).toEqual([failed]);
				expect(await walkAll("active")).toEqual([active]);
				expect(await walkAll("completed")).toEqual([]);
			});

			it("misses none when those it has met are erased", async () => {
				const pending = Array.from({ length: 120 }, () => report());
				await putAll(pending);
				await Promise.all(pending.map((task) => store.cancel(keyOf(task), FINISH)));
				const erase = (tasks: readonly Task[]) => Promise.all(tasks.map((task) => store.erase(keyOf(task))));
				expect(await walkAll("cancelled", erase)).toHaveLength(120);
				expect(await walkAll("cancelled")).toEqual([]);
			});

			it("misses none when those it has met move on", async () => {
				const pending = Array.from({ length: 120 }, () => report());
				await putAll(pending);
				const claim = (tasks: readonly Task[]) =>
					Promise.all(tasks.map((task) => done(store.claim(claimOf(task)))));
				expect(await walkAll("pending", claim)).toHaveLength(120);
				expect(await walkAll("pending")).toEqual([]);
			});
		});

		describe("counting tasks", () => {
			it("counts the unfinished and the failed tasks of a queue", async () => {
				const teamId = uniqueTeam();
				const report = () => uniqueTask({ teamId, queue: "reports" });
				await putAll(Array.from({ length: 130 }, report));
				await putAll([uniqueTask({ teamId, queue: "Reports" }), uniqueTask({ queue: "reports" })]);
				for (let count = 0; count < 3; count += 1) await makeFinal(store, report(), "failed");
				for (let count = 0; count < 2; count += 1) await makeActive(store, report());
				await makeFinal(store, report(), "completed");
				const asOf = expect.any(Number);
				expect(await store.count({ teamId, name: "reports" })).toEqual({
					pending: { count: 130, exact: true, asOf },
					active: { count: 2, exact: true, asOf },
					failed: { count: 3, exact: true, asOf },
				});
			});

			it("counts nothing where nothing is", async () => {
				expect(await store.count({ teamId: uniqueTeam(), name: "reports" })).toMatchObject({
					pending: { count: 0, exact: true },
					active: { count: 0, exact: true },
					failed: { count: 0, exact: true },
				});
			});
		});
	});
};
