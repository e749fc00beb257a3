import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WORK_VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { Job } from "../../lambda/core/job.ts";
import type { QueueKey } from "../../lambda/core/queue.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { advanceJob } from "../../lambda/usecases/advance-job.ts";
import { getJob } from "../../lambda/usecases/get-job.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { reconcileTasks } from "../../lambda/usecases/reconcile-tasks.ts";
import { startJob } from "../../lambda/usecases/start-job.ts";
import { aJob } from "../support/jobs.ts";
import { overriding } from "../support/port-overrides.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const GRACE_SECONDS = 600;

let world: TestWorld;
let queue: QueueKey;
/** While true, everything sent to the work queue is lost, as in a queue that somebody purges. */
let isPurged: boolean;

beforeEach(async () => {
	isPurged = true;
	world = await createTestWorld(({ workQueue }) => ({
		workQueue: overriding(workQueue, {
			send: async (messages) => {
				if (!isPurged) await workQueue.send(messages);
			},
		}),
	}));
	queue = { teamId: world.principal.teamId, name: "emails" };
});
afterEach(() => world.close());

const beginRedrive = async (): Promise<string> =>
	(await startJob(world.ports, queue, { kind: "redrive", filter: { status: "failed" } })).id;
const jobOf = (jobId: string): Promise<Job> => getJob(world.ports, { queue, jobId });

describe("reconciling bulk jobs", () => {
	it("begins a job whose message vanished", async () => {
		const ids = await storeTasks(world, 3, FAILED);
		const jobId = await beginRedrive();
		isPurged = false;
		await world.runFor(GRACE_SECONDS + 1);
		expect(await jobOf(jobId)).toMatchObject({ status: "running", changed: 0 });
		expect(await reconcileTasks(world.ports)).toMatchObject({ stalled: 0, jobs: 1, failed: 0 });
		await world.runFor(0);
		expect(await jobOf(jobId)).toMatchObject({ status: "finished", changed: ids.length });
		expect(world.webhooks.calls).toHaveLength(ids.length);
	});

	it("goes on with a job that was half done, and treats no task twice", async () => {
		await storeTasks(world, 150, FAILED);
		isPurged = false;
		const jobId = await beginRedrive();
		const { jobs, tasks } = world.ports;
		const dying: Ports = {
			...world.ports,
			jobs: overriding(jobs, {
				replace: async (job) => {
					// Its worker dies with the first batch changed and the second one in hand.
					const replaced = await jobs.replace(job);
					if (job.changed > 0) throw new Error("out of memory");
					return replaced;
				},
			}),
		};
		const message = { kind: "job", team_id: queue.teamId, queue: "emails", job_id: jobId } as const;
		await expect(advanceJob(dying, { ...message, due_at: START })).rejects.toThrow("out of memory");
		world.world.workMessages.delete(
			world.world.workMessages.receive(START, 10).map((each) => each.messageId),
		);
		await world.runFor(GRACE_SECONDS + 1);
		expect(await jobOf(jobId)).toMatchObject({ status: "running", changed: 100 });
		expect(await reconcileTasks(world.ports)).toMatchObject({ jobs: 1 });
		await world.runFor(0);
		expect(await jobOf(jobId)).toMatchObject({ status: "finished", changed: 150 });
		expect(world.webhooks.calls).toHaveLength(150);
		expect((await tasks.count(queue)).failed.count).toBe(0);
	});

	it("goes on with the job of a paused queue, which changes tasks but calls nobody", async () => {
		await storeTasks(world, 2, FAILED);
		await putQueue(world.ports, queue, { ...defaultQueueSettings, paused: true });
		const jobId = await beginRedrive();
		isPurged = false;
		await world.runFor(GRACE_SECONDS + 1);
		expect(await reconcileTasks(world.ports)).toMatchObject({ jobs: 1 });
		await world.runFor(0);
		expect(await jobOf(jobId)).toMatchObject({ status: "finished", changed: 2 });
		expect(world.webhooks.calls).toEqual([]);
	});

	it("leaves alone what is finished, or has just begun", async () => {
		await storeTasks(world, 2, FAILED);
		isPurged = false;
		await beginRedrive();
		await world.runFor(GRACE_SECONDS * 2);
		isPurged = true;
		await beginRedrive();
		await world.runFor(GRACE_SECONDS);
		expect(await reconcileTasks(world.ports)).toMatchObject({ jobs: 0 });
	});

	it("waits longer than a message takes to come back by itself", () => {
		expect(GRACE_SECONDS).toBeGreaterThan(WORK_VISIBILITY_SECONDS);
	});

	it("does no harm where the message was only late", async () => {
		await storeTasks(world, 3, FAILED);
		isPurged = false;
		const jobId = await beginRedrive();
		world.clock.advanceTo(START + (GRACE_SECONDS + 1) * 1_000);
		expect(await reconcileTasks(world.ports)).toMatchObject({ jobs: 1 });
		await world.runFor(WORK_VISIBILITY_SECONDS * 2);
		expect(await jobOf(jobId)).toMatchObject({ status: "finished", changed: 3 });
		expect(world.webhooks.calls).toHaveLength(3);
	});

	it("goes on when jobs cannot be sent, and counts them", async () => {
		await storeTasks(world, 1, FAILED);
		await Promise.all(Array.from({ length: 150 }, () => world.ports.jobs.create(aJob({ updatedAt: START }))));
		await world.runFor(GRACE_SECONDS + 1);
		const sent: number[] = [];
		const workQueue = overriding(world.ports.workQueue, {
			send: async (messages) => {
				sent.push(messages.length);
				if (sent.length === 1) throw new Error("SQS is down");
			},
		});
		const report = await reconcileTasks({ ...world.ports, workQueue });
		expect(report).toMatchObject({ stalled: 0, jobs: 150, failed: 100 });
		expect(sent).toEqual([100, 50]);
		expect(world.logs).toContainEqual(
			expect.objectContaining({
				level: "error",
				event: "reconcile.dispatch_failed",
				fields: expect.objectContaining({ jobs: 100 }),
			}),
		);
	});
});
