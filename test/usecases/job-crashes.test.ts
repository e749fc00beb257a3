import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WORK_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { CallResult } from "../../lambda/core/delivery-outcome.ts";
import type { Job, JobFilter, JobKind } from "../../lambda/core/job.ts";
import type { Task } from "../../lambda/core/task.ts";
import type { Ports } from "../../lambda/ports.ts";
import { advanceJob } from "../../lambda/usecases/advance-job.ts";
import { getJob } from "../../lambda/usecases/get-job.ts";
import { startJob } from "../../lambda/usecases/start-job.ts";
import { overriding } from "../support/port-overrides.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

/** Before or after the step took effect. */
type Crash = "before" | "after";

type Story = Readonly<{
	kind: JobKind;
	filter: JobFilter;
	tasks: Readonly<{ count: number; changes: Partial<Task> }>;
	answers?: readonly CallResult[];
	/** Which of the job's steps fail. */
	crashes: ReadonlyMap<number, Crash>;
	/** Whether each page takes so long that the job hands over after it. */
	isSlow: boolean;
}>;

const HOUR = 3_600;

/** Tells a story to its end, some hours later. */
const tell = async (story: Story) => {
	let steps = -1;
	const step = async <Result>(act: () => Promise<Result>): Promise<Result> => {
		const crash = steps >= 0 ? story.crashes.get(steps++) : undefined;
		if (crash === "before") throw new Error("crashed before");
		const result = await act();
		if (crash === "after") throw new Error("crashed after");
		return result;
	};
	const world: TestWorld = await createTestWorld(({ jobs, tasks, deliveryQueue, workQueue }) => ({
		jobs: overriding(jobs, { replace: (job) => step(() => jobs.replace(job)) }),
		tasks: overriding(tasks, {
			reopen: (...args) => step(() => tasks.reopen(...args)),
			cancel: (...args) => step(() => tasks.cancel(...args)),
			erase: (...args) => step(() => tasks.erase(...args)),
			walk: (...args) => {
				if (story.isSlow) world.clock.advanceBy(WORK_SECONDS * 1_000);
				return step(() => tasks.walk(...args));
			},
		}),
		deliveryQueue: overriding(deliveryQueue, { send: (sent) => step(() => deliveryQueue.send(sent)) }),
		workQueue: overriding(workQueue, { send: (sent) => step(() => workQueue.send(sent)) }),
	}));
	const { kind, filter, tasks } = story;
	world.webhooks.willAnswer(...(story.answers ?? []));
	const queue = { teamId: world.principal.teamId, name: "emails" };
	const ids = await storeTasks(world, tasks.count, tasks.changes);
	const { id } = await startJob(world.ports, queue, { kind, filter });
	steps = 0;
	await world.runFor(2 * HOUR);
	const job = await getJob(world.ports, { queue, jobId: id });
	const left = await Promise.all(
		ids.map((taskId) => world.ports.tasks.get({ teamId: queue.teamId, taskId })),
	);
	const calls = world.webhooks.bodies.map(({ task_id }) => task_id);
	world.close();
	return { job, ids, calls, statuses: left.map((task) => task?.status), steps };
};

const failed = (count: number) => ({ count, changes: FAILED });

/** Tells the story again and again, with a crash at its first step, its second, … until it has no such step. */
const crashEverywhere = async (
	story: Omit<Story, "crashes">,
	check: (told: Awaited<ReturnType<typeof tell>>) => void,
): Promise<void> => {
	for (const crash of ["before", "after"] as const) {
		for (let at = 0; ; at += 1) {
			const told = await tell({ ...story, crashes: new Map([[at, crash]]) });
			expect(told.job, `crash ${crash} step ${at}`).toMatchObject({ status: "finished" });
			check(told);
			if (told.steps <= at) break;
		}
	}
};

describe("a job that crashes", () => {
	it.each([false, true])(
		"anywhere in a redrive: each failed task is called once more (slow: %s)",
		async (isSlow) => {
			const story = { kind: "redrive", filter: { status: "failed" }, tasks: failed(12), isSlow } as const;
			await crashEverywhere(story, ({ job, ids, calls }) => {
				expect(calls.toSorted()).toEqual(ids.toSorted());
				expect(job.changed).toBe(12);
			});
		},
	);

	it("anywhere in a redrive: what fails again is not called a third time", async () => {
		const tasks = { count: 12, changes: { ...FAILED, maxRetries: 0 } };
		const answers = Array.from({ length: 30 }, () => answer(500));
		const story = { kind: "redrive", filter: { status: "failed" }, tasks, answers, isSlow: false } as const;
		await crashEverywhere(story, ({ job, ids, calls }) => {
			expect(calls.toSorted()).toEqual(ids.toSorted());
			expect(job.changed).toBe(12);
		});
	});

	it("anywhere in a limited redrive: no more tasks than asked for are called", async () => {
		const filter = { status: "failed", max: 7 } as const;
		const story = { kind: "redrive", filter, tasks: failed(12), isSlow: false } as const;
		await crashEverywhere(story, ({ job, calls }) => {
			expect(calls).toHaveLength(7);
			expect(new Set(calls).size).toBe(7);
			expect(job.changed).toBe(7);
		});
	});

	it.each(["cancel", "delete"] as const)("anywhere in a %s: each waiting task is cancelled", async (kind) => {
		const story = {
			kind,
			filter: { status: "pending" },
			tasks: { count: 8, changes: {} },
			isSlow: true,
		} as const;
		await crashEverywhere(story, ({ job, calls, statuses }) => {
			expect(new Set(statuses)).toEqual(new Set(["cancelled"]));
			expect(calls).toEqual([]);
			expect(job.changed).toBe(8);
		});
	});

	it("anywhere in a purge: each failed task is deleted", async () => {
		const story = { kind: "purge", filter: { status: "failed" }, tasks: failed(8), isSlow: false } as const;
		await crashEverywhere(story, ({ job, statuses }) => {
			expect(new Set(statuses)).toEqual(new Set([undefined]));
			expect(job.changed).toBe(8);
		});
	});

	it("several times in a long redrive: each failed task is called once more", async () => {
		const crashes = fc
			.array(fc.tuple(fc.nat(400), fc.constantFrom<Crash>("before", "after")), { maxLength: 4 })
			.map((planned) => new Map(planned));
		const max = fc.option(fc.integer({ min: 1, max: 310 }), { nil: undefined });
		await fc.assert(
			fc.asyncProperty(crashes, max, fc.boolean(), async (plan, limit, isSlow) => {
				const filter = { status: "failed", max: limit } as const;
				const told = await tell({ kind: "redrive", filter, tasks: failed(300), crashes: plan, isSlow });
				const expected = Math.min(limit ?? 300, 300);
				expect(told.job).toMatchObject({ status: "finished", changed: expected });
				expect(told.calls).toHaveLength(expected);
				expect(new Set(told.calls).size).toBe(expected);
			}),
			{ numRuns: 10 },
		);
	}, 60_000);
});

describe("two copies of a job's message", () => {
	const begin = async (ports: Ports, world: TestWorld): Promise<Job> => {
		const queue = { teamId: world.principal.teamId, name: "emails" };
		return startJob(ports, queue, { kind: "redrive", filter: { status: "failed" } });
	};
	const messageOf = ({ teamId, queue, id, createdAt }: Job) =>
		({ kind: "job", team_id: teamId, queue, job_id: id, due_at: createdAt }) as const;

	it("at the same time change each task once, and one stops", async () => {
		const world = await createTestWorld();
		const ids = await storeTasks(world, 150, FAILED);
		const job = await begin(world.ports, world);
		const message = messageOf(job);
		await Promise.all([advanceJob(world.ports, message), advanceJob(world.ports, message)]);
		await world.runFor(HOUR);
		const queue = { teamId: job.teamId, name: job.queue };
		expect(await getJob(world.ports, { queue, jobId: job.id })).toMatchObject({
			status: "finished",
			changed: 150,
		});
		expect(world.webhooks.bodies.map(({ task_id }) => task_id).sort()).toEqual(ids.toSorted());
		expect(world.logs.map(({ event }) => event)).toContain("job.overtaken");
		world.close();
	});

	it("one after the other: the second has nothing to do", async () => {
		const world = await createTestWorld();
		const ids = await storeTasks(world, 3, FAILED);
		const job = await begin(world.ports, world);
		await world.runFor(1);
		await advanceJob(world.ports, messageOf(job));
		await advanceJob(world.ports, { ...messageOf(job), job_id: "job_01KANV8E00ABCDEFGHJKMNPQRS" });
		await world.runFor(HOUR);
		expect(world.webhooks.calls).toHaveLength(ids.length);
		world.close();
	});
});

describe("a job that cannot be queued", () => {
	it("is not begun, so that the same request can be made again", async () => {
		let isDown = true;
		const world = await createTestWorld(({ workQueue }) => ({
			workQueue: overriding(workQueue, {
				send: async (messages) => {
					await workQueue.send(messages);
					if (isDown) throw new Error("no answer");
				},
			}),
		}));
		const ids = await storeTasks(world, 2, FAILED);
		const queue = { teamId: world.principal.teamId, name: "emails" };
		const order = { kind: "redrive", filter: { status: "failed" } } as const;
		await expect(startJob(world.ports, queue, order)).rejects.toMatchObject({ code: "unavailable" });
		await world.runFor(HOUR);
		expect(world.webhooks.calls).toEqual([]);
		isDown = false;
		await startJob(world.ports, queue, order);
		await world.runFor(1);
		expect(world.webhooks.calls).toHaveLength(ids.length);
		world.close();
	});
});
