import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import type { Job, JobKind } from "../../lambda/core/job.ts";
import type { TaskStore } from "../../lambda/ports.ts";
import { changeBatch } from "../../lambda/usecases/job-changes.ts";
import { overriding } from "../support/port-overrides.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let sent: DeliveryMessage[];
beforeEach(async () => {
	sent = [];
	world = await createTestWorld(({ deliveryQueue }) => ({
		deliveryQueue: overriding(deliveryQueue, {
			send: async (messages) => {
				sent.push(...messages);
			},
		}),
	}));
});
afterEach(() => world.close());

/** A job that has these tasks in hand. */
const jobWith = (kind: JobKind, batch: readonly string[]): Job => ({
	teamId: "team-a",
	queue: "emails",
	id: "job_01KANV8E00ABCDEFGHJKMNPQRS",
	kind,
	filter: { status: kind === "cancel" ? "pending" : "failed" },
	status: "running",
	total: null,
	changed: 0,
	batch,
	version: 0,
	createdAt: START,
	updatedAt: START,
});

const change = (kind: JobKind, batch: readonly string[], tasks: Partial<TaskStore> = {}): Promise<number> =>
	changeBatch({ ...world.ports, tasks: overriding(world.ports.tasks, tasks) }, jobWith(kind, batch));
const statusOf = async (taskId = "") => (await world.ports.tasks.get({ teamId: "team-a", taskId }))?.status;

describe("a task that a job has in hand", () => {
	it("and that is gone meanwhile is not put back; nor is one that was completed, or failed again", async () => {
		const [failed = ""] = await storeTasks(world, 1, FAILED);
		const [completed = ""] = await storeTasks(world, 1, { ...FAILED, status: "completed" });
		const [again = ""] = await storeTasks(world, 1, { ...FAILED, completedAt: START + 1 });
		const [gone = ""] = await storeTasks(world, 1, FAILED);
		await world.ports.tasks.erase({ teamId: "team-a", taskId: gone });
		await change("redrive", [failed, completed, again, gone]);
		expect(sent.map(({ task_id }) => task_id)).toEqual([failed]);
		expect(await Promise.all([failed, completed, again].map(statusOf))).toEqual([
			"pending",
			"completed",
			"failed",
		]);
	});

	it("and that is gone, or called, in the last moment does not count as cancelled", async () => {
		const [pending = ""] = await storeTasks(world, 1);
		const [active = ""] = await storeTasks(world, 1, { status: "active", leaseUntil: START + 1 });
		expect(await change("cancel", [pending, active, pending.replace("task_0", "task_1")])).toBe(1);
	});

	it("and that was put back and has ended again is not deleted", async () => {
		const [id] = await storeTasks(world, 1, { ...FAILED, completedAt: START + 1 });
		expect(await change("purge", [id ?? ""])).toBe(0);
		expect(await statusOf(id)).toBe("failed");
	});

	it("counts as deleted when it is gone, whoever did it, and not when it is there", async () => {
		const [id = ""] = await storeTasks(world, 1, FAILED);
		const { tasks } = world.ports;
		expect(await change("purge", [id], { erase: async () => false })).toBe(0);
		const eraseTwice: TaskStore["erase"] = async (key) => (await tasks.erase(key)) && tasks.erase(key);
		expect(await change("purge", [id], { erase: eraseTwice })).toBe(1);
		expect(await change("purge", [id])).toBe(1);
		expect(await change("purge", [])).toBe(0);
	});
});
