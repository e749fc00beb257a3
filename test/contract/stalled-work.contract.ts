import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DeliveryMessage, messageFor } from "../../lambda/core/delivery-message.ts";
import type { JobKey } from "../../lambda/core/job.ts";
import type { Task } from "../../lambda/core/task.ts";
import type { JobStore, TaskStore } from "../../lambda/ports.ts";
import { aJob, keyOfJob } from "../support/jobs.ts";
import { keyOf, makeActive, makeFinal } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

/** New, empty stores of the world under test. */
export type StalledWorkHarness = Readonly<{ tasks: TaskStore; jobs: JobStore; close(): Promise<void> }>;

const byId = ({ jobId: a }: JobKey, { jobId: b }: JobKey): number => (a < b ? -1 : 1);

/** What every world promises about tasks and jobs that should have moved and have not. */
export const stalledWorkContract = (world: string, make: () => Promise<StalledWorkHarness>): void => {
	describe(world, () => {
		let harness: StalledWorkHarness;
		let tasks: TaskStore;
		let jobs: JobStore;

		beforeEach(async () => {
			harness = await make();
			({ tasks, jobs } = harness);
		});
		afterEach(() => harness.close());

		const putAll = (all: readonly Task[]) => Promise.all(all.map((task) => tasks.put(task)));

		const findAll = async (before: number) => {
			const messages: DeliveryMessage[] = [];
			const found: JobKey[] = [];
			let cursor: string | undefined;
			do {
				const page = await tasks.findStalled(before, cursor);
				messages.push(...page.messages);
				found.push(...page.jobs);
				cursor = page.nextCursor;
			} while (cursor !== undefined);
			return { messages, jobs: found.sort(byId) };
		};

		const findTasks = async (before: number): Promise<string[]> =>
			(await findAll(before)).messages.map(({ task_id }) => task_id);

		const findJobs = async (before: number): Promise<readonly JobKey[]> => (await findAll(before)).jobs;

		describe("finding stalled tasks", () => {
			it("finds what was due, or whose lease ran out, before an instant, of every team", async () => {
				const overdue = uniqueTask({ dueAt: NOON });
				const later = uniqueTask({ dueAt: NOON + 3_600_000 });
				await putAll([overdue, later]);
				const abandoned = await makeActive(tasks, uniqueTask({ queue: "reports" }));
				await makeActive(tasks, uniqueTask({ dueAt: NOON + 3_600_000 }));
				await makeFinal(tasks, uniqueTask(), "completed");
				await makeFinal(tasks, uniqueTask(), "failed");
				const cancelled = uniqueTask();
				await tasks.put(cancelled);
				await tasks.cancel(keyOf(cancelled), { completedAt: NOON, expiresAt: NOON + 604_800_000 });
				expect((await findTasks(NOON + 1_000_000)).sort()).toEqual([overdue.id, abandoned.id].sort());
				expect(await findTasks(NOON - 1)).toEqual([]);
			});

			it("leaves alone what is due, or whose lease runs out, at that very instant", async () => {
				const [overdue, abandoned] = [uniqueTask(), await makeActive(tasks, uniqueTask())];
				await tasks.put(overdue);
				const leaseUntil = abandoned.leaseUntil as number;
				expect([await findTasks(NOON), await findTasks(leaseUntil)]).toEqual([[], [overdue.id]]);
				expect(await findTasks(leaseUntil + 1)).toHaveLength(2);
			});

			it("gives the messages that they need", async () => {
				const abandoned = await makeActive(tasks, uniqueTask());
				expect(await findAll(NOON + 1_000_000)).toEqual({ messages: [messageFor(abandoned)], jobs: [] });
			});
		});

		describe("finding stalled jobs", () => {
			it("finds running jobs that were last updated before an instant, of every team and queue", async () => {
				const teamId = uniqueTeam();
				const running = [
					aJob({ teamId }),
					aJob({ teamId }),
					aJob({ teamId, queue: "re.ports_2-", kind: "purge", filter: { status: "completed" } }),
					aJob({ teamId: "T#x#ABCDEF#0", kind: "delete", filter: { status: "pending" } }),
				];
				const healthy = aJob({ teamId, createdAt: NOON, updatedAt: NOON + 60_000 });
				for (const job of [...running, healthy]) await jobs.create(job);
				expect(await findJobs(NOON + 60_000)).toEqual(running.map(keyOfJob).sort(byId));
				expect(await findJobs(NOON + 60_001)).toHaveLength(5);
				expect(await findJobs(NOON)).toEqual([]);
			});

			it("goes by the last time that a job went on", async () => {
				const job = aJob();
				await jobs.create(job);
				await jobs.replace({ ...job, changed: 100, batch: ["task_1"], updatedAt: NOON + 60_000 });
				expect(await findJobs(NOON + 60_000)).toEqual([]);
				expect(await findJobs(NOON + 60_001)).toEqual([keyOfJob(job)]);
			});

			it("leaves finished jobs alone", async () => {
				const job = aJob();
				await jobs.create(job);
				await jobs.replace({ ...job, status: "finished", finishedAt: NOON });
				await jobs.create(aJob({ status: "finished", finishedAt: NOON }));
				expect(await findJobs(NOON + 1e9)).toEqual([]);
			});

			it("finds each of many once, beside the tasks", async () => {
				const all = Array.from({ length: 30 }, () => aJob());
				for (const job of all) await jobs.create(job);
				const stalled = Array.from({ length: 30 }, () => uniqueTask());
				await putAll(stalled);
				const found = await findAll(NOON + 1);
				expect(found.jobs).toEqual(all.map(keyOfJob).sort(byId));
				expect(found.messages.map(({ task_id }) => task_id).sort()).toEqual(
					stalled.map(({ id }) => id).sort(),
				);
			});
		});
	});
};
