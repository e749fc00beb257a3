import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEASE_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { type DeliveryMessage, messageFor } from "../../lambda/core/delivery-message.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { patchQueue } from "../../lambda/usecases/patch-queue.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const KEY = { teamId: "team-a", name: "emails" };

let world: TestWorld;
/** What happens between the claim of the next attempt and its call, while the secrets that sign it are read. */
let onTheWay: (() => unknown) | undefined;
let sent: DeliveryMessage[];
let claims: number;

beforeEach(async () => {
	onTheWay = undefined;
	sent = [];
	claims = 0;
	world = await createTestWorld(({ keys, deliveryQueue, tasks }) => ({
		keys: overriding(keys, {
			get: async (...key) => {
				const happening = onTheWay;
				onTheWay = undefined;
				await happening?.();
				return keys.get(...key);
			},
		}),
		deliveryQueue: {
			send: async (messages) => {
				sent.push(...messages);
				await deliveryQueue.send(messages);
			},
		},
		tasks: overriding(tasks, {
			claim: (claim) => {
				claims += 1;
				return tasks.claim(claim);
			},
		}),
	}));
});
afterEach(() => world.close());

/** A task that is due, and what becomes of it on the way to its call. */
const createWith = async (
	happening: () => unknown,
	overrides: Parameters<typeof aNewTask>[0] = {},
): Promise<{ teamId: string; taskId: string }> => {
	const newTask = aNewTask(overrides);
	const { task } = await createTask(world.ports, { principal: world.principal, newTask });
	onTheWay = happening;
	return { teamId: KEY.teamId, taskId: task.id };
};
const pause = () => patchQueue(world.ports, KEY, { paused: true });
const resume = () => patchQueue(world.ports, KEY, { paused: false });
const late = (milliseconds: number) => () => world.clock.advanceBy(milliseconds);
const inLine = () => world.ports.line.first(KEY, [0, 1, 2, 3], 10);

describe("a queue that is paused between claim and call", () => {
	it("makes no call: the task waits in line, and no attempt is counted", async () => {
		const key = await createWith(pause);
		await world.runFor(60);
		expect(world.webhooks.calls).toEqual([]);
		expect(await getTask(world.ports, key)).toMatchObject({ status: "pending", attempts: [] });
		const task = await world.ports.tasks.get(key);
		expect(await inLine()).toEqual([task && messageFor(task)]);
		expect(task).toMatchObject({ attempt: 1, dueAt: START });
		expect(task?.leaseUntil).toBeUndefined();
		expect(world.world.messages.nextDueAt()).toBeUndefined();
	});

	it("makes it when it is resumed, as the first attempt", async () => {
		const key = await createWith(pause);
		await world.runFor(60);
		await resume();
		await world.runFor(0);
		expect(world.webhooks.bodies).toMatchObject([{ task_id: key.taskId, attempt: 1 }]);
		expect(await getTask(world.ports, key)).toMatchObject({
			status: "completed",
			attempts: [{ number: 1, status: "success" }],
		});
	});

	it("lets the task be cancelled meanwhile, which is never called then", async () => {
		const key = await createWith(pause);
		await world.runFor(1);
		expect(await cancelTask(world.ports, key)).toMatchObject({ status: "cancelled" });
		await resume();
		await world.runFor(600);
		expect(world.webhooks.calls).toEqual([]);
		expect(await inLine()).toEqual([]);
	});
});

describe("a call that could outlast its claim", () => {
	it("is not made; its attempt is claimed and made again at once", async () => {
		const key = await createWith(late(120_001));
		await world.runFor(0);
		expect(claims).toBe(2);
		expect(world.webhooks.bodies).toMatchObject([{ task_id: key.taskId, attempt: 1 }]);
		expect(sent.map(({ attempt, due_at }) => [attempt, due_at])).toEqual([
			[1, START],
			[1, START],
		]);
		const executedAt = new Date(START + 120_001).toISOString();
		expect(await getTask(world.ports, key)).toMatchObject({
			status: "completed",
			attempts: [{ number: 1, executed_at: executedAt }],
		});
	});

	it("is made when the rest of the claim is exactly what its queue gives it", async () => {
		const key = await createWith(late(120_000));
		await world.runFor(0);
		expect([claims, world.webhooks.calls.length]).toEqual([1, 1]);
		expect(await getTask(world.ports, key)).toMatchObject({ status: "completed" });
	});

	it("is judged by the task's own timeout, if it has one", async () => {
		await createWith(late(30_000), { timeout: 120 });
		await world.runFor(0);
		expect([claims, world.webhooks.calls.length]).toEqual([1, 1]);
		await createWith(late(30_001), { timeout: 120 });
		await world.runFor(0);
		expect([claims, world.webhooks.calls.length]).toEqual([3, 2]);
	});

	it("sends a message for the end of the other lease when another worker has taken over, who goes on undisturbed", async () => {
		const leaseUntil = START + 1_000_000;
		const key = await createWith(async () => {
			world.clock.advanceBy(LEASE_SECONDS * 1_000);
			const taken = { ...key, attempt: 1, now: world.clock.now(), leaseUntil };
			expect(await world.ports.tasks.claim(taken)).toMatchObject({ done: true });
		});
		sent = [];
		await world.runFor(0);
		expect(world.webhooks.calls).toEqual([]);
		expect(sent).toMatchObject([{ task_id: key.taskId, attempt: 1, due_at: leaseUntil }]);
		expect(await world.ports.tasks.get(key)).toMatchObject({ status: "active", leaseUntil });
	});
});

describe("another fault between claim and call", () => {
	it("leaves the claim alone: the message comes back when it is over", async () => {
		const key = await createWith(() => Promise.reject(new Error("throttled")));
		sent = [];
		await world.runFor(0);
		expect(sent).toEqual([]);
		expect(await world.ports.tasks.get(key)).toMatchObject({
			status: "active",
			leaseUntil: START + LEASE_SECONDS * 1_000,
		});
		await world.runFor(600);
		expect(await getTask(world.ports, key)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});
});

describe("a worker that has lost its claim during the call", () => {
	/** While this worker's call is under way its lease runs out, and another claims the attempt until `leaseUntil`. */
	const callTakenOver = async (leaseUntil: number) => {
		const key = await createWith(() => undefined);
		world.webhooks.willAnswer(async () => {
			world.clock.advanceBy(LEASE_SECONDS * 1_000);
			await world.ports.tasks.claim({ ...key, attempt: 1, now: world.clock.now(), leaseUntil });
			return answer(500);
		});
		sent = [];
		await world.runFor(0);
		return key;
	};

	it("leaves a message for the end of the other's lease, in case that one dies", async () => {
		const leaseUntil = START + 2 * LEASE_SECONDS * 1_000;
		const key = await callTakenOver(leaseUntil);
		expect(sent).toEqual([
			{
				team_id: "team-a",
				task_id: key.taskId,
				queue: "emails",
				priority: 5,
				attempt: 1,
				due_at: leaseUntil,
			},
		]);
		await world.runUntil(leaseUntil - 1);
		expect(world.webhooks.calls).toHaveLength(1);
		await world.runUntil(leaseUntil);
		expect(world.webhooks.calls).toHaveLength(2);
		expect(await getTask(world.ports, key)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});
});
