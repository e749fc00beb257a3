import { describe, expect, it } from "vitest";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { reconcileTasks } from "../../lambda/usecases/reconcile-tasks.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { openTimedWorld, QUEUE } from "../support/timed-world.ts";

const WEEK = 604_800;

describe("a paused queue", () => {
	it("calls nobody, costs nothing for a week, and is drained within seconds of its resumption", async () => {
		const world = await openTimedWorld({ paused: true });
		const { webhooks, runFor, set, create, statuses } = world;
		const ids = await create(10_000);
		await runFor(1);
		const changes = world.world.database.prepare("SELECT total_changes() AS changes");
		const before = changes.get();
		await runFor(WEEK);
		expect(await reconcileTasks(world.ports)).toMatchObject({ stalled: 0 });
		expect(changes.get()).toEqual(before);
		expect(world.world.messages.nextDueAt()).toBeUndefined();
		expect(world.world.workMessages.nextDueAt()).toBeUndefined();
		expect(webhooks.calls).toEqual([]);

		await set({ paused: false });
		await runFor(5);

		expect(webhooks.calls).toHaveLength(10_000);
		expect(await world.lineLength()).toBe(0);
		expect(await statuses(ids)).toEqual(new Set(["completed"]));
	});

	it("does not use up attempts, nor forget tasks that become due meanwhile", async () => {
		const { webhooks, runFor, set, ports, principal, show } = await openTimedWorld({ paused: true });
		const newTask = aNewTask({ queue: QUEUE, delay: 86_400 });
		const { task } = await createTask(ports, { principal, newTask });
		await runFor(WEEK);
		expect(await show(task.id)).toMatchObject({ status: "pending", attempts: [] });
		await set({ paused: false });
		await runFor(1);
		expect(webhooks.calls).toHaveLength(1);
		expect(await show(task.id)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});

	it("lets calls in flight finish and starts no other", async () => {
		const { webhooks, runFor, set, create } = await openTimedWorld({ concurrency: 3 });
		webhooks.durationMs = () => 10_000;
		await create(9);
		await runFor(1);
		await set({ paused: true });
		await runFor(WEEK);
		expect(webhooks.calls).toHaveLength(3);
		await set({ paused: false });
		await runFor(60);
		expect(webhooks.calls).toHaveLength(9);
	});
});
