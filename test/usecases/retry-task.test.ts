import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { retryTask } from "../../lambda/usecases/retry-task.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let sendsFail = false;
beforeEach(async () => {
	sendsFail = false;
	world = await createTestWorld(({ deliveryQueue }) => ({
		deliveryQueue: {
			send: (messages) =>
				sendsFail ? Promise.reject(new Error("queue is down")) : deliveryQueue.send(messages),
		},
	}));
});
afterEach(() => world.close());

const failedTask = async () => {
	world.webhooks.willAnswer(answer(500), answer(500));
	const newTask = aNewTask({ max_retries: 1 });
	const { task } = await createTask(world.ports, { principal: world.principal, newTask });
	await world.runFor(10);
	return { teamId: world.principal.teamId, taskId: task.id };
};

describe("retrying a failed task", () => {
	it("starts a fresh set of retries; attempt numbers go on", async () => {
		const key = await failedTask();
		world.webhooks.willAnswer(answer(500), answer(200));
		expect(await retryTask(world.ports, key)).toMatchObject({ status: "pending", completed_at: null });
		await world.runFor(10);
		const task = await getTask(world.ports, key);
		expect(task.status).toBe("completed");
		expect(task.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
		expect(world.webhooks.bodies.at(-1)).toMatchObject({ attempt: 4 });
	});

	it("fails again when the fresh set is used up as well", async () => {
		const key = await failedTask();
		world.webhooks.willAnswer(answer(500), answer(500), answer(500));
		await retryTask(world.ports, key);
		await world.runFor(60);
		expect(await getTask(world.ports, key)).toMatchObject({ status: "failed" });
		expect(world.webhooks.calls).toHaveLength(4);
	});

	it("is refused for a task that has not failed", async () => {
		const { task } = await createTask(world.ports, { principal: world.principal, newTask: aNewTask() });
		const key = { teamId: world.principal.teamId, taskId: task.id };
		await expect(retryTask(world.ports, key)).rejects.toMatchObject({ code: "task_not_failed" });
		await expect(retryTask(world.ports, { ...key, teamId: "team-b" })).rejects.toMatchObject({
			code: "task_not_found",
		});
	});

	it("leaves the task failed when it cannot be queued, so that it can be tried again", async () => {
		const key = await failedTask();
		sendsFail = true;
		await expect(retryTask(world.ports, key)).rejects.toMatchObject({ code: "unavailable" });
		expect(await getTask(world.ports, key)).toMatchObject({ status: "failed" });
		const { expiresAt = 0 } = (await world.ports.tasks.get(key)) ?? {};
		expect(expiresAt - world.clock.now()).toBe(30 * 86_400_000);
		sendsFail = false;
		await retryTask(world.ports, key);
		await world.runFor(10);
		expect(await getTask(world.ports, key)).toMatchObject({ status: "completed" });
	});

	it("is on its way when it is asked for again, though the first request broke off before it sent a message", async () => {
		const key = await failedTask();
		expect(await world.ports.tasks.reopen(key, world.clock.now())).toMatchObject({ done: true });
		await world.runFor(600);
		expect(world.webhooks.calls).toHaveLength(2);
		await expect(retryTask(world.ports, key)).rejects.toMatchObject({
			code: "task_not_failed",
			message: "The task is pending; only a failed task can be retried",
		});
		await world.runFor(0);
		expect(await getTask(world.ports, key)).toMatchObject({
			status: "completed",
			attempts: [{ number: 1 }, { number: 2 }, { number: 3, status: "success" }],
		});
	});

	it("says why it was not queued, with what has caused it", async () => {
		const key = await failedTask();
		sendsFail = true;
		await expect(retryTask(world.ports, key)).rejects.toMatchObject({
			message: "The task could not be queued; please try again",
			cause: new Error("queue is down"),
		});
	});
});
