import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../../lambda/core/job.ts";
import type { JobStore } from "../../lambda/ports.ts";
import { aJob, keyOfJob } from "../support/jobs.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

export type JobStoreHarness = Readonly<{ store: JobStore; close(): Promise<void> }>;

/** What every `JobStore` promises. */
export const jobStoreContract = (world: string, make: () => Promise<JobStoreHarness>): void => {
	describe(world, () => {
		let harness: JobStoreHarness;
		let store: JobStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		const created = async (changes: Partial<Job> = {}): Promise<Job> => {
			const job = aJob(changes);
			await store.create(job);
			return job;
		};

		describe("keeping jobs", () => {
			it("gives a new job back", async () => {
				const job = await created();
				expect(await store.get(keyOfJob(job))).toEqual(job);
			});

			it("gives every field back", async () => {
				const job = await created({
					kind: "purge",
					filter: { status: "completed", createdBefore: NOON - 1, code: "http_500 ≠ ok", max: 10_000 },
					total: 12_345,
					changed: 678,
					batch: Array.from({ length: 100 }, () => uniqueTask().id),
					cursor: '["a","ü/#|"]',
					finishedAt: NOON + 1,
					status: "finished",
				});
				expect(await store.get(keyOfJob(job))).toEqual(job);
			});

			it("knows nothing of a job of another team, of another queue, or of none", async () => {
				const job = await created();
				expect(await store.get(keyOfJob({ ...job, teamId: uniqueTeam() }))).toBeUndefined();
				expect(await store.get(keyOfJob({ ...job, queue: "Emails" }))).toBeUndefined();
				expect(await store.get(keyOfJob(aJob({ teamId: job.teamId })))).toBeUndefined();
			});

			it("never writes a new job over one that is there", async () => {
				const job = await created({ changed: 7 });
				// A world may refuse the second one or leave it out.
				await Promise.allSettled([store.create({ ...job, changed: 0 })]);
				expect(await store.get(keyOfJob(job))).toEqual(job);
			});

			it("keeps the jobs of a queue apart", async () => {
				const first = await created();
				const second = await created({ teamId: first.teamId, kind: "cancel" });
				expect(await store.get(keyOfJob(first))).toEqual(first);
				expect(await store.get(keyOfJob(second))).toEqual(second);
			});
		});

		describe("advancing jobs", () => {
			it("replaces a job under the next version", async () => {
				const job = await created();
				const further = { ...job, changed: 7, batch: ["task_1"], cursor: "here", updatedAt: NOON + 1 };
				expect(await store.replace(further)).toBe(true);
				expect(await store.get(keyOfJob(job))).toEqual({ ...further, version: 1 });
			});

			it("forgets what a finished job has no use for", async () => {
				const job = await created({ cursor: "here", batch: ["task_1"] });
				const { cursor: _, ...rest } = job;
				const finished: Job = { ...rest, batch: [], status: "finished", finishedAt: NOON + 5 };
				expect(await store.replace(finished)).toBe(true);
				expect(await store.get(keyOfJob(job))).toEqual({ ...finished, version: 1 });
			});

			it("refuses a job that was read before another was written", async () => {
				const job = await created();
				await store.replace({ ...job, changed: 1 });
				expect(await store.replace({ ...job, changed: 2 })).toBe(false);
				expect(await store.replace({ ...job, version: 2, changed: 3 })).toBe(false);
				expect(await store.get(keyOfJob(job))).toEqual({ ...job, version: 1, changed: 1 });
			});

			it("refuses a job that does not exist", async () => {
				const job = aJob();
				expect(await store.replace(job)).toBe(false);
				expect(await store.get(keyOfJob(job))).toBeUndefined();
			});

			it("lets exactly one of 20 concurrent replacements through", async () => {
				const job = await created();
				const all = Array.from({ length: 20 }, (_, index) => store.replace({ ...job, changed: index }));
				const replaced = await Promise.all(all);
				expect(replaced.filter(Boolean)).toHaveLength(1);
				const changed = replaced.indexOf(true);
				expect(await store.get(keyOfJob(job))).toEqual({ ...job, version: 1, changed });
			});
		});
	});
};
