import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WORK_VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { createRunners } from "../../local/runners.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

/** Lets everything happen that the clock has nothing to do with. */
const settle = async (): Promise<void> => {
	for (let turn = 0; turn < 50; turn += 1) await nextTurn();
};

it("what is due when the clock was moved is begun when the runners are told so", async () => {
	const { ports, principal, clock, webhooks } = world;
	const runners = createRunners(world.world, ports);
	runners.start();
	await createTask(ports, { principal, newTask: aNewTask({ delay: 86_400 }) });
	await settle();
	clock.advanceBy(86_400_000);
	await settle();
	expect(webhooks.calls).toHaveLength(0);
	runners.wake();
	await settle();
	expect(webhooks.calls).toHaveLength(1);
	await runners.stop();
	runners.wake();
});

it("a pump begins no more calls when the server stops, and the rest is called after its next start", async () => {
	const { ports, principal, clock, webhooks } = world;
	const settings = { ...defaultQueueSettings, rate_limit: { limit: 1, per_seconds: 1 } };
	await ports.queues.put({
		teamId: principal.teamId,
		name: "emails",
		settings,
		createdAt: START,
		updatedAt: START,
	});
	for (let count = 0; count < 10; count += 1) await createTask(ports, { principal, newTask: aNewTask() });

	const runners = createRunners(world.world, ports);
	runners.start();
	for (let second = 0; second < 3; second += 1) {
		await settle();
		clock.advanceBy(1_000);
	}
	await settle();
	const stopped = runners.stop();
	const callsAtStop = webhooks.calls.length;
	expect(callsAtStop).toBeGreaterThan(0);
	for (let second = 0; second < 3; second += 1) {
		clock.advanceBy(1_000);
		await settle();
	}
	await stopped;
	expect(webhooks.calls.length).toBeLessThanOrEqual(callsAtStop + 1);

	await world.runFor(WORK_VISIBILITY_SECONDS + 20);
	expect(new Set(webhooks.bodies.map(({ task_id }) => task_id)).size).toBe(10);
});
