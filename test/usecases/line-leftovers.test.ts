import { expect, it } from "vitest";
import { LEASE_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { messageFor } from "../../lambda/core/delivery-message.ts";
import type { TaskKey } from "../../lambda/core/task.ts";
import { pumpQueue } from "../../lambda/usecases/pump-queue.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { openTimedWorld, QUEUE, TEAM } from "../support/timed-world.ts";

const open = async () => {
	const world = await openTimedWorld({ concurrency: 1, max_retries: 1, retry_delay: 60 });
	const { ports, clock } = world;
	const pump = (dueAt = clock.now()) =>
		pumpQueue(ports, { kind: "pump", team_id: TEAM, queue: QUEUE, due_at: dueAt });
	const messageOf = async (taskId = "") => {
		const key: TaskKey = { teamId: TEAM, taskId };
		const task = await ports.tasks.get(key);
		if (!task) throw new Error(`${taskId} is gone`);
		return messageFor(task);
	};
	const loseMessages = () => {
		for (const table of ["delivery_messages", "work_messages"])
			world.world.database.prepare(`DELETE FROM ${table}`).run();
	};
	return { ...world, pump, messageOf, loseMessages };
};

it("a message of an attempt that is over brings the next one, whose own message was lost", async () => {
	const { webhooks, create, runFor, ports, pump, messageOf, loseMessages, lineLength } = await open();
	webhooks.result = (call) => answer(call === 0 ? 500 : 200);
	const [id] = await create(1);
	const first = await messageOf(id);
	await runFor(1);
	loseMessages();
	await ports.line.add([first]);
	await pump();
	await runFor(70);
	expect(webhooks.calls).toHaveLength(2);
	expect(await lineLength()).toBe(0);
});

it("a message of an attempt that another worker makes comes back when that one may have died", async () => {
	const { webhooks, create, runFor, ports, clock, pump, messageOf, loseMessages, lineLength } = await open();
	const [id] = await create(1);
	const message = await messageOf(id);
	loseMessages();
	const [now, leaseMs] = [clock.now(), LEASE_SECONDS * 1_000];
	const claim = { teamId: TEAM, taskId: message.task_id, attempt: 1, now, leaseUntil: now + leaseMs };
	await ports.tasks.claim(claim);
	await ports.line.add([message]);
	await pump();
	expect(await lineLength()).toBe(0);
	await runFor(LEASE_SECONDS - 1);
	expect(webhooks.calls).toHaveLength(0);
	await runFor(2);
	expect(webhooks.calls).toHaveLength(1);
});

it("a message of a finished task, or of none, goes", async () => {
	const { logs, webhooks, create, runFor, ports, pump, messageOf, lineLength } = await open();
	const [id] = await create(1);
	const message = await messageOf(id);
	await runFor(1);
	await ports.line.add([message]);
	await ports.line.add([{ ...message, task_id: message.task_id.replace("task_0", "task_1") }]);
	await pump();
	await runFor(600);
	expect(webhooks.calls).toHaveLength(1);
	expect(await lineLength()).toBe(0);
	expect(logs.map(({ event }) => event)).not.toContain("pump.message_failed");
});

it("a pump message that comes early waits for its time", async () => {
	const { webhooks, create, runFor, ports, clock, pump, messageOf, loseMessages } = await open();
	const [id] = await create(1);
	loseMessages();
	await ports.line.add([await messageOf(id)]);
	await pump(clock.now() + 60_000);
	await runFor(59);
	expect(webhooks.calls).toHaveLength(0);
	await runFor(2);
	expect(webhooks.calls).toHaveLength(1);
});
