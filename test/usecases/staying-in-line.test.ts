import { describe, expect, it } from "vitest";
import { type DeliveryMessage, messageFor } from "../../lambda/core/delivery-message.ts";
import type { QueueSettings } from "../../lambda/core/queue.ts";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { overriding } from "../support/port-overrides.ts";
import { START } from "../support/test-world.ts";
import { openTimedWorld, TEAM } from "../support/timed-world.ts";

type Happening = () => unknown;

/**
 * A world whose one task waits in line, as its queue is paused. What is set in `next` happens once, while the next
 * claim is made, while the secrets for a call are read, or when a claim is given back.
 */
const open = async (settings: Partial<QueueSettings>) => {
	const next: Partial<Record<"claim" | "secrets" | "release", Happening>> = {};
	const happen = async (step: keyof typeof next): Promise<void> => {
		const happening = next[step];
		delete next[step];
		await happening?.();
	};
	const sent: DeliveryMessage[] = [];
	let claims = 0;
	let behindMs = 0;
	const world = await openTimedWorld(
		{ ...settings, paused: true },
		({ keys, tasks, clock, deliveryQueue }) => ({
			clock: { now: () => clock.now() - behindMs },
			keys: overriding(keys, {
				get: async (...key) => {
					await happen("secrets");
					return keys.get(...key);
				},
			}),
			tasks: overriding(tasks, {
				claim: async (claim) => {
					claims += 1;
					const claimed = await tasks.claim(claim);
					await happen("claim");
					return claimed;
				},
				release: async (release) => {
					const released = await tasks.release(release);
					await happen("release");
					return released;
				},
			}),
			deliveryQueue: {
				send: async (messages) => {
					sent.push(...messages);
					await deliveryQueue.send(messages);
				},
			},
		}),
	);
	const [taskId = ""] = await world.create(1);
	const key = { teamId: TEAM, taskId };
	await world.runFor(1);
	sent.splice(0);
	return {
		...world,
		key,
		next,
		sent,
		pause: () => world.set({ paused: true }),
		resume: () => world.set({ paused: false }),
		countClaims: () => claims,
		/** The clock of whoever works here goes so much after that of everybody else. */
		setBehind: (milliseconds: number) => {
			behindMs = milliseconds;
		},
	};
};

describe.each([
	["a limited", { concurrency: 1 }],
	["a rate-limited", { rate_limit: { limit: 10, per_seconds: 1 } }],
])("%s queue that is paused between claim and call", (_, settings) => {
	it("makes no call: the message stays in line, and no attempt is counted", async () => {
		const { next, pause, resume, runFor, webhooks, key, show, lineLength, sent, world } =
			await open(settings);
		next.secrets = pause;
		await resume();
		await runFor(600);
		expect(webhooks.calls).toEqual([]);
		expect(await show(key.taskId)).toMatchObject({ status: "pending", attempts: [] });
		expect(await lineLength()).toBe(1);
		expect([sent, world.messages.nextDueAt()]).toEqual([[], undefined]);
	});

	it("makes it as soon as it is resumed, as the first attempt", async () => {
		const { next, pause, resume, runFor, webhooks, key, show, lineLength, clock } = await open(settings);
		next.secrets = pause;
		await resume();
		await runFor(600);
		const resumedAt = clock.now();
		await resume();
		await runFor(1);
		expect(webhooks.calls).toMatchObject([{ taskId: key.taskId, startedAt: resumedAt }]);
		expect(await show(key.taskId)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
		expect(await lineLength()).toBe(0);
	});

	it("makes it also when it is resumed before its pump has noticed that it has to stop", async () => {
		const { next, pause, resume, runFor, webhooks, key, show } = await open(settings);
		next.secrets = pause;
		next.release = resume;
		await resume();
		await runFor(2);
		expect(webhooks.calls).toHaveLength(1);
		expect(await show(key.taskId)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});

	it("lets the task be cancelled meanwhile, which is never called then", async () => {
		const { next, pause, resume, runFor, webhooks, key, ports, lineLength } = await open(settings);
		next.secrets = pause;
		await resume();
		await runFor(1);
		expect(await cancelTask(ports, key)).toMatchObject({ status: "cancelled" });
		await resume();
		await runFor(600);
		expect(webhooks.calls).toEqual([]);
		expect(await lineLength()).toBe(0);
	});
});

describe("a call that could outlast its claim, when its message is in line", () => {
	it.each(["claim", "secrets"] as const)("is claimed anew before it is made: a slow %s", async (step) => {
		const { next, resume, runFor, webhooks, key, show, countClaims, clock } = await open({ concurrency: 1 });
		next[step] = () => clock.advanceBy(120_001);
		const before = clock.now();
		await resume();
		await runFor(0);
		await runFor(1);
		expect(webhooks.calls.map(({ startedAt }) => startedAt)).toEqual([before + 120_001]);
		expect(countClaims()).toBe(2);
		expect(await show(key.taskId)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});
});

describe("a message in line that is early by its pump's clock", () => {
	it("stays, and is called when it is due by that clock", async () => {
		const { resume, runFor, runUntil, setBehind, webhooks, lineLength, sent, countClaims, show, key } =
			await open({ concurrency: 1 });
		setBehind(10_000);
		await resume();
		await runUntil(START + 9_999);
		expect(webhooks.calls).toEqual([]);
		expect(await lineLength()).toBe(1);
		await runFor(1);
		expect(webhooks.calls).toMatchObject([{ startedAt: expect.any(Number) }]);
		expect(webhooks.calls[0]?.startedAt).toBeLessThanOrEqual(START + 10_000);
		await runFor(1);
		expect(sent).toEqual([]);
		expect(await lineLength()).toBe(0);
		expect(await show(key.taskId)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
		// Four times a second, and not as fast as it can.
		expect(countClaims()).toBeLessThanOrEqual(4 * 9 + 2);
	});

	it("stays as well when it waits for another worker's lease to end", async () => {
		const { resume, runFor, runUntil, setBehind, webhooks, lineLength, sent, ports, key, show } = await open({
			concurrency: 1,
		});
		const task = await ports.tasks.get(key);
		if (!task) throw new Error("the task is gone");
		const leaseUntil = START + 20_000;
		await ports.tasks.claim({ ...key, attempt: 1, now: START + 1_000, leaseUntil });
		await ports.line.remove([messageFor(task)]);
		await ports.line.add([{ ...messageFor(task), due_at: leaseUntil }]);
		await runUntil(leaseUntil);
		setBehind(5_000);
		await resume();
		await runFor(4.999);
		expect(webhooks.calls).toEqual([]);
		expect([await lineLength(), sent]).toEqual([1, []]);
		await runFor(0.001);
		expect(webhooks.calls).toMatchObject([{ startedAt: leaseUntil + 5_000 }]);
		await runFor(1);
		expect([await lineLength(), sent]).toEqual([0, []]);
		expect(await show(key.taskId)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});
});

describe("a call whose result takes long to keep", () => {
	it("keeps no other from starting", async () => {
		const { webhooks, create, runFor } = await openTimedWorld({ concurrency: 1 }, ({ tasks, timer }) => ({
			tasks: overriding(tasks, {
				recordAttempt: async (result) => {
					await timer.sleep(5_000);
					return tasks.recordAttempt(result);
				},
			}),
		}));
		await create(3);
		await runFor(1);
		expect(webhooks.calls).toHaveLength(3);
		expect(webhooks.mostInFlight).toBe(1);
	});
});
