import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { MAX_RECEIVES, VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { startHousekeeping } from "../../local/housekeeping.ts";
import { eventually } from "../support/eventually.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { keyOf, makeFinal } from "../support/task-transitions.ts";
import { createTestWorld } from "../support/test-world.ts";
import { uniqueTask } from "../support/unique-tasks.ts";

it("housekeeping begins with what expired while the server was not running", async () => {
	const { world, ports, clock, close } = await createTestWorld();
	onTestFinished(close);
	const expired = [
		await makeFinal(ports.tasks, uniqueTask(), "completed"),
		await makeFinal(ports.tasks, uniqueTask(), "failed"),
	];
	clock.advanceTo(expired[0]?.expiresAt as number);
	const stop = startHousekeeping(world, ports);
	await eventually("the expired tasks to be deleted", async () => {
		const found = await Promise.all(expired.map((task) => ports.tasks.get(keyOf(task))));
		return found.some((task) => task !== undefined) ? undefined : "deleted";
	});
	await stop();
});

it("housekeeping does its chores again by the world's clock, and no more when it has ended", async () => {
	const { world, ports, clock, logs, close } = await createTestWorld();
	onTestFinished(close);
	const events = () => logs.map(({ event }) => event);
	const count = (wanted: string) => events().filter((event) => event === wanted).length;
	const stop = startHousekeeping(world, ports);
	for (const hours of [1, 2]) {
		await eventually("the chore to sleep", () => (clock.nextWakeAt() ? true : undefined));
		clock.advanceBy(3_600_000);
		await eventually("another chore", () => (count("prune.finished") > hours ? true : undefined));
	}
	await eventually("the first of the daily chores", () =>
		count("reconcile.finished") > 0 ? true : undefined,
	);
	expect(count("reconcile.finished")).toBe(1);
	clock.advanceBy(23 * 3_600_000);
	await eventually("the next daily chore", () => (count("reconcile.finished") > 1 ? true : undefined));

	await stop();
	const done = events();
	clock.advanceBy(24 * 3_600_000);
	for (let turn = 0; turn < 20; turn += 1) await nextTurn();
	expect(events()).toEqual(done);
	expect(clock.nextWakeAt()).toBeUndefined();
});

it("housekeeping sends dead messages again, and keeps those that nobody can read", async () => {
	let isBroken = true;
	const { world, ports, principal, logs, runFor, close } = await createTestWorld(({ webhooks }) => ({
		webhooks: overriding(webhooks, {
			call: (call) => (isBroken ? Promise.reject(new Error("a fault of ours")) : webhooks.call(call)),
		}),
	}));
	onTestFinished(close);
	const { task } = await createTask(ports, { principal, newTask: aNewTask() });
	await runFor(VISIBILITY_SECONDS * (MAX_RECEIVES + 1));
	world.database.durable(() =>
		world.database
			.prepare("INSERT INTO dead_delivery_messages VALUES (999, 'no message of ours', 1, 10, 2, 3)")
			.run(),
	);
	expect(world.messages.dead()).toHaveLength(2);
	isBroken = false;

	const stop = startHousekeeping(world, ports);
	await eventually("the dead message to be drained", () =>
		world.messages.dead().length === 1 ? true : undefined,
	);
	await stop();
	await runFor(VISIBILITY_SECONDS);

	const key = { teamId: principal.teamId, taskId: task.id };
	expect(await getTask(ports, key)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	expect(world.messages.dead()).toMatchObject([{ body: "no message of ours" }]);
	expect(logs.map(({ event }) => event)).toContain("drain.unreadable");
});
