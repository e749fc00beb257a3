import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedWorld, openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import type { Task } from "../../lambda/core/task.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { aJob } from "../support/jobs.ts";
import { keyOf, makeActive, makeFinal } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

const DAY_MS = 86_400_000;

let clock: VirtualClock;
let world: EmbeddedWorld;

beforeEach(() => {
	clock = new VirtualClock(NOON);
	world = openEmbeddedWorld({ folder: ":memory:", clock });
});
afterEach(() => world.close());

const count = (table: string): unknown =>
	world.database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.["count"];

const largePayload = JSON.stringify({ blob: "x".repeat(2_000) });

describe("pruning the embedded world", () => {
	it("deletes finished tasks when they expire, with their payloads, and no others", async () => {
		const { tasks } = world.stores;
		const failed = await makeFinal(tasks, uniqueTask({ payload: largePayload }), "failed");
		const expiresAt = failed.expiresAt as number;
		const cancelled = uniqueTask();
		await tasks.put(cancelled);
		await tasks.cancel(keyOf(cancelled), { completedAt: NOON, expiresAt: expiresAt + 1 });
		const pending = uniqueTask({ payload: largePayload });
		await tasks.put(pending);
		const active = await makeActive(tasks, uniqueTask());
		const found = async (task: Task) => (await tasks.get(keyOf(task)))?.status;

		clock.advanceTo(expiresAt - 1);
		expect(await world.prune()).toBe(0);
		expect(await found(failed)).toBe("failed");
		clock.advanceTo(expiresAt);
		expect(await world.prune()).toBe(1);
		expect(await found(failed)).toBeUndefined();
		expect(count("payloads")).toBe(1);
		expect(await found(cancelled)).toBe("cancelled");
		clock.advanceBy(365 * DAY_MS);
		expect(await world.prune()).toBe(1);
		expect([await found(pending), await found(active)]).toEqual(["pending", "active"]);
	});

	it("deletes more than it looks at in one turn", async () => {
		const teamId = uniqueTeam();
		for (let index = 0; index < 2_300; index += 1) {
			const task = uniqueTask({ teamId, queue: `q${index % 3}` });
			await world.stores.tasks.put(task);
			const expiresAt = index % 10 === 0 ? NOON + DAY_MS : NOON + 1;
			await world.stores.tasks.cancel(keyOf(task), { completedAt: NOON, expiresAt });
		}
		clock.advanceBy(1);
		expect(await world.prune()).toBe(2_070);
		expect(count("tasks")).toBe(230);
	});

	it("deletes jobs a week after they have finished, not before", async () => {
		const { jobs } = world.stores;
		const job = aJob({ teamId: "acme", id: "job_1", kind: "purge" });
		await jobs.create(job);
		await jobs.create({ ...job, id: "job_2" });
		await jobs.replace({ ...job, status: "finished", finishedAt: NOON });
		const found = async (jobId: string) =>
			(await jobs.get({ queue: { teamId: "acme", name: "emails" }, jobId }))?.status;
		clock.advanceTo(NOON + 7 * DAY_MS - 1);
		await world.prune();
		expect(await found("job_1")).toBe("finished");
		clock.advanceBy(1);
		await world.prune();
		expect([await found("job_1"), await found("job_2")]).toEqual([undefined, "running"]);
	});
});
