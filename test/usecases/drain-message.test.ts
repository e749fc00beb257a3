import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEASE_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { type DeliveryMessage, messageFor } from "../../lambda/core/delivery-message.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { drainMessage, drainWork } from "../../lambda/usecases/drain-message.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const PAUSE_SECONDS = 60;

let world: TestWorld;
/** While true, messages go nowhere: the one that matters is in the dead-letter queue. */
let isDead: boolean;
let sent: DeliveryMessage[];

const losingMessages = (real: Ports): Partial<Ports> => ({
	deliveryQueue: {
		send: async (messages) => {
			sent.push(...messages);
			if (!isDead) await real.deliveryQueue.send(messages);
		},
	},
});

beforeEach(async () => {
	isDead = true;
	sent = [];
	world = await createTestWorld(losingMessages);
});
afterEach(() => world.close());

/** A task whose only message is dead. */
const aDeadMessage = async (overrides: Parameters<typeof aNewTask>[0] = {}): Promise<DeliveryMessage> => {
	const { principal } = world;
	const { task } = await createTask(world.ports, { principal, newTask: aNewTask(overrides) });
	const stored = await world.ports.tasks.get({ teamId: principal.teamId, taskId: task.id });
	isDead = false;
	if (!stored) throw new Error("the task was not stored");
	return messageFor(stored);
};
const show = ({ team_id, task_id }: DeliveryMessage) =>
	getTask(world.ports, { teamId: team_id, taskId: task_id });
const claimedBySomebody = ({ team_id, task_id, attempt }: DeliveryMessage) =>
	world.ports.tasks.claim({
		teamId: team_id,
		taskId: task_id,
		attempt,
		now: START,
		leaseUntil: START + LEASE_SECONDS * 1_000,
	});
const withoutKeys = (): Ports => ({
	...world.ports,
	keys: { ...world.ports.keys, get: async () => undefined } as Ports["keys"],
});

describe("draining a dead letter", () => {
	it("gives a pending task another chance, after a pause", async () => {
		const message = await aDeadMessage();
		expect(await drainMessage(world.ports, message)).toBe("resumed");
		await world.runFor(PAUSE_SECONDS - 1);
		expect(world.webhooks.calls).toHaveLength(0);
		await world.runFor(1);
		expect(await show(message)).toMatchObject({ status: "completed" });
	});

	it("never brings a task forward", async () => {
		const message = await aDeadMessage({ delay: 300 });
		expect(await drainMessage(world.ports, message)).toBe("resumed");
		expect(sent.at(-1)).toEqual(message);
		await world.runFor(299);
		expect(world.webhooks.calls).toHaveLength(0);
		await world.runFor(1);
		expect(await show(message)).toMatchObject({ status: "completed" });
	});

	it("waits for the lease of an attempt that may still be running", async () => {
		const message = await aDeadMessage();
		await claimedBySomebody(message);
		expect(await drainMessage(world.ports, message)).toBe("resumed");
		await world.runFor(LEASE_SECONDS - 1);
		expect(await show(message)).toMatchObject({ status: "active" });
		await world.runFor(2);
		expect(await show(message)).toMatchObject({ status: "completed" });
	});

	it("drops the message of a task that is over", async () => {
		const message = await aDeadMessage();
		await cancelTask(world.ports, { teamId: message.team_id, taskId: message.task_id });
		expect(await drainMessage(world.ports, message)).toBe("dropped");
		await world.runFor(86_400);
		expect(world.webhooks.calls).toHaveLength(0);
	});

	it("drops the message of a task that does not exist", async () => {
		const message = await aDeadMessage();
		const { teamId } = world.principal;
		await world.ports.tasks.remove({ teamId, taskId: message.task_id });
		expect(await drainMessage(world.ports, message)).toBe("dropped");
	});

	it("follows the task, not an outdated message", async () => {
		const message = await aDeadMessage();
		world.webhooks.willAnswer({ kind: "failure", failure: "timeout", durationMs: 1 });
		await world.ports.deliveryQueue.send([message]);
		isDead = true;
		await world.runFor(0);
		isDead = false;
		expect(await drainMessage(world.ports, message)).toBe("resumed");
		expect(sent.at(-1)).toMatchObject({ attempt: 2 });
		await world.runFor(PAUSE_SECONDS);
		expect(await show(message)).toMatchObject({
			status: "completed",
			attempts: [{ number: 1 }, { number: 2 }],
		});
	});

	it("can be repeated", async () => {
		const message = await aDeadMessage();
		await drainMessage(world.ports, message);
		await drainMessage(world.ports, message);
		await world.runFor(3_600);
		expect(world.webhooks.calls).toHaveLength(1);
	});
});

describe("draining a message about a queue", () => {
	it("has the queue's waiting line looked after, after a pause", async () => {
		const message = await aDeadMessage();
		await world.ports.line.add([message]);
		const { team_id, queue } = message;
		const pump = { kind: "pump", team_id, queue, due_at: START - 1 } as const;
		expect(await drainWork(world.ports, pump)).toBe("resumed");
		await world.runFor(PAUSE_SECONDS - 1);
		expect(world.webhooks.calls).toHaveLength(0);
		await world.runFor(1);
		expect(await show(message)).toMatchObject({ status: "completed" });
	});
});

describe("a task whose key is gone", () => {
	it("is closed with the reason as its last attempt", async () => {
		const message = await aDeadMessage();
		expect(await drainMessage(withoutKeys(), message)).toBe("closed");
		expect(await show(message)).toMatchObject({
			status: "failed",
			completed_at: new Date(START).toISOString(),
			attempts: [{ number: 1, status: "failed", response_code: null, error: "signing_key_gone" }],
		});
		await world.runFor(86_400);
		expect(world.webhooks.calls).toHaveLength(0);
	});

	it("is closed under a claim, so that nobody begins the attempt meanwhile", async () => {
		const message = await aDeadMessage();
		const ports = withoutKeys();
		const recordAttempt: Ports["tasks"]["recordAttempt"] = async (result) => {
			world.clock.advanceBy(1_000);
			const { team_id: teamId, task_id: taskId, attempt } = message;
			const now = world.clock.now();
			const claim = { teamId, taskId, attempt, now, leaseUntil: now + 1_000 };
			expect(await world.ports.tasks.claim(claim)).toMatchObject({ done: false });
			return world.ports.tasks.recordAttempt(result);
		};
		const tasks = overriding(world.ports.tasks, { recordAttempt });
		expect(await drainMessage({ ...ports, tasks }, message)).toBe("closed");
	});

	it("is kept as long as its queue keeps failed tasks", async () => {
		const message = await aDeadMessage();
		const { team_id: teamId, task_id: taskId, queue: name } = message;
		const settings = { ...defaultQueueSettings, retention_days: { completed: 1, failed: 90 } };
		await world.ports.queues.put({ teamId, name, settings, createdAt: START, updatedAt: START });
		await drainMessage(withoutKeys(), message);
		const closed = await world.ports.tasks.get({ teamId, taskId });
		expect(closed?.expiresAt).toBe(START + 90 * 86_400_000);
	});

	it("goes on while an attempt's lease is not over", async () => {
		const message = await aDeadMessage();
		await claimedBySomebody(message);
		expect(await drainMessage(withoutKeys(), message)).toBe("resumed");
		world.clock.advanceTo(START + (LEASE_SECONDS + 1) * 1_000);
		expect(await drainMessage(withoutKeys(), message)).toBe("closed");
	});

	it("goes on when it is a test task: nothing is signed for it", async () => {
		const principal = { ...world.principal, mode: "test" as const };
		const { task } = await createTask(world.ports, { principal, newTask: aNewTask() });
		const stored = await world.ports.tasks.get({ teamId: principal.teamId, taskId: task.id });
		if (!stored) throw new Error("the task was not stored");
		expect(await drainMessage(withoutKeys(), messageFor(stored))).toBe("resumed");
	});

	it("stays open when somebody else settles it meanwhile", async () => {
		const message = await aDeadMessage();
		const ports = withoutKeys();
		const tasks = { ...ports.tasks } as Ports["tasks"];
		tasks.get = (key) => world.ports.tasks.get(key);
		tasks.claim = async () => ({ done: false, task: undefined });
		expect(await drainMessage({ ...ports, tasks }, message)).toBe("resumed");
	});
});
