import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WORK_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { WorkMessage } from "../../lambda/core/work-message.ts";
import { advanceJob } from "../../lambda/usecases/advance-job.ts";
import { startJob } from "../../lambda/usecases/start-job.ts";
import { overriding } from "../support/port-overrides.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const QUEUE = { teamId: "team-a", name: "emails" };

let world: TestWorld;
/** How long a page of the walk takes. */
let pageMs: number;
/** Messages about jobs, which are not delivered by themselves. */
let sent: WorkMessage[];
/** What the job does, in order. */
let steps: string[];
/** Where each page of the walk began. */
let cursors: (string | undefined)[];
beforeEach(async () => {
	pageMs = 0;
	sent = [];
	steps = [];
	cursors = [];
	world = await createTestWorld(({ tasks, jobs, timer, workQueue }) => ({
		workQueue: overriding(workQueue, {
			send: async (messages) => {
				sent.push(...messages);
			},
		}),
		tasks: overriding(tasks, {
			walk: (...args) => {
				cursors.push(args[2]);
				world.clock.advanceBy(pageMs);
				return tasks.walk(...args);
			},
		}),
		jobs: overriding(jobs, {
			replace: (job) => {
				steps.push(`${job.batch.length} in hand`);
				return jobs.replace(job);
			},
		}),
		timer: {
			sleep: (milliseconds, signal) => {
				steps.push("turn");
				return timer.sleep(milliseconds, signal);
			},
		},
	}));
});
afterEach(() => world.close());

const begin = async (max?: number): Promise<void> => {
	await startJob(world.ports, QUEUE, { kind: "purge", filter: { status: "failed", max } });
};

/** Handles the job's last message; says how many tasks the job has changed and when it wants to go on. */
const advance = async () => {
	const message = sent.pop();
	if (message?.kind !== "job") throw new Error("there is no message about a job");
	await advanceJob(world.ports, message);
	const { team_id: teamId, queue: name, job_id: jobId } = message;
	const job = await world.ports.jobs.get({ queue: { teamId, name }, jobId });
	return { status: job?.status, changed: job?.changed, goesOnAt: sent.map(({ due_at }) => due_at) };
};

describe("a bulk job", () => {
	it("is done by one message where it takes no minute, and lets others have a turn after each batch", async () => {
		await storeTasks(world, 230, FAILED);
		await begin();
		expect(sent).toHaveLength(1);
		expect(await advance()).toEqual({ status: "finished", changed: 230, goesOnAt: [] });
		const batches = ["100 in hand", "turn", "100 in hand", "turn", "30 in hand", "turn", "0 in hand", "turn"];
		expect(steps).toEqual(batches);
	});

	it("goes on for a minute, then asks for the next one and says how far it is", async () => {
		await storeTasks(world, 230, FAILED);
		pageMs = (WORK_SECONDS * 1_000) / 2;
		await begin();
		expect(await advance()).toEqual({
			status: "running",
			changed: 100,
			goesOnAt: [START + WORK_SECONDS * 1_000],
		});
		expect(world.logs.filter(({ event }) => event === "job.advanced")).toMatchObject([
			{ fields: { status: "running", changed: 100 } },
		]);
		expect(await advance()).toMatchObject({ status: "finished", changed: 230, goesOnAt: [] });
	});

	it("goes on until the last millisecond of its minute", async () => {
		await storeTasks(world, 230, FAILED);
		pageMs = (WORK_SECONDS * 1_000) / 2 - 1;
		await begin();
		expect(await advance()).toMatchObject({ status: "running", changed: 200 });
	});

	it("stops looking for tasks when its minute is over, and remembers where", async () => {
		await storeTasks(world, 250, { ...FAILED, completedAt: START + 1 });
		await storeTasks(world, 100, FAILED);
		pageMs = WORK_SECONDS * 1_000;
		await begin();
		for (let minute = 0; minute < 3; minute += 1)
			expect(await advance()).toMatchObject({ status: "running", changed: 0 });
		expect(await advance()).toMatchObject({ status: "running", changed: 50 });
		expect(await advance()).toMatchObject({ status: "finished", changed: 100 });
		expect(new Set(cursors).size).toBe(cursors.length);
		expect(cursors[0]).toBeUndefined();
	});

	it("writes nothing down for pages that hold nothing for it", async () => {
		await storeTasks(world, 250, { ...FAILED, completedAt: START + 1 });
		await storeTasks(world, 30, FAILED);
		await begin();
		expect(await advance()).toMatchObject({ status: "finished", changed: 30 });
		expect(steps).toEqual(["30 in hand", "turn", "0 in hand", "turn"]);
	});

	it("ends with its last task, without looking at the others", async () => {
		await storeTasks(world, 230, FAILED);
		await begin(100);
		expect(await advance()).toMatchObject({ status: "finished", changed: 100 });
		expect(steps).toEqual(["100 in hand", "turn", "0 in hand", "turn"]);
	});
});
