import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { messageFor } from "../../lambda/core/delivery-message.ts";
import type { QueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { pumpQueue } from "../../lambda/usecases/pump-queue.ts";
import { overriding } from "../support/port-overrides.ts";
import { FLEET, openTimedWorld, QUEUE, TEAM } from "../support/timed-world.ts";

const broken = new Error("throttled");

/** A world whose one task waits in line, for a pump that is called by hand. */
const open = async (settings: Partial<QueueSettings> = {}) => {
	const world = await openTimedWorld({ ...settings, paused: true });
	const [taskId = ""] = await world.create(1);
	await world.runFor(1);
	const { ports, clock } = world;
	await ports.queues.put({
		teamId: TEAM,
		name: QUEUE,
		settings: { ...(await ports.queues.getFresh(TEAM, QUEUE))?.settings, paused: false } as QueueSettings,
		createdAt: 0,
		updatedAt: clock.now(),
	});
	const pump = (overrides: Partial<Ports> = {}) =>
		pumpQueue({ ...ports, ...overrides }, { kind: "pump", team_id: TEAM, queue: QUEUE, due_at: clock.now() });
	/** Lets time pass until this pump, of which the world's runners know nothing, has ended. */
	const finished = async (working: Promise<void>): Promise<void> => {
		let hasEnded = false;
		const ended = working.finally(() => {
			hasEnded = true;
		});
		for (let turn = 1; !hasEnded && turn < 10_000; turn += 1) {
			await nextTurn();
			if (turn % 20 === 0) clock.advanceTo(clock.nextWakeAt() ?? clock.now());
		}
		return ended;
	};
	return { ...world, taskId, pump, finished };
};

describe("a pump's message", () => {
	it("comes back when the line cannot be read, and its seat is free for the next", async () => {
		const { ports, pump, webhooks, finished, lineLength } = await open();
		const line = overriding(ports.line, { first: () => Promise.reject(broken) });
		await expect(pump({ line })).rejects.toBe(broken);
		expect(await lineLength()).toBe(1);
		await finished(pump());
		expect(webhooks.calls).toHaveLength(1);
	});

	it("comes back when a message in line can neither be worked on nor settled, which stays in line", async () => {
		const { ports, pump, lineLength } = await open();
		const down = new Error("the table is gone");
		const claim = () => Promise.reject(broken);
		const tasks = overriding(ports.tasks, { claim, get: () => Promise.reject(down) });
		await expect(pump({ tasks })).rejects.toBe(down);
		expect(await lineLength()).toBe(1);
	});

	it("is done with when others have taken over, which the log says", async () => {
		const { ports, pump, logs, clock, webhooks } = await open({ timeout: 2 });
		const claim: Ports["tasks"]["claim"] = async (asked) => {
			const claimed = await ports.tasks.claim(asked);
			// For longer than a lease: another pump takes the seat.
			clock.advanceBy(60_000);
			const sheet = await ports.pumpSheets.read({ teamId: TEAM, name: QUEUE });
			const seats = [{ owner: "another", leaseUntil: clock.now() + 60_000, slotAt: 0 }];
			await ports.pumpSheets.write({ teamId: TEAM, name: QUEUE }, { ...sheet, seats });
			return claimed;
		};
		await pump({ tasks: overriding(ports.tasks, { claim }) });
		expect(webhooks.calls).toEqual([]);
		expect(logs.filter(({ event }) => event.startsWith("pump."))).toEqual([
			{
				level: "warn",
				event: "pump.place_lost",
				fields: { queue: QUEUE, error: expect.objectContaining({ name: "PlaceLostError" }) },
			},
		]);
	});

	it("is done with when the queue is paused or held meanwhile", async () => {
		for (const change of [{ paused: true }, { respect_retry_after: "queue" }] as const) {
			const { pump, set, ports, clock, lineLength, webhooks } = await open({ concurrency: 1 });
			const first: Ports["line"]["first"] = async () => {
				await set(change);
				await ports.queues.hold({ teamId: TEAM, name: QUEUE }, clock.now() + 5_000);
				return [];
			};
			const working = pump({ line: overriding(ports.line, { first }) });
			await expect(working).resolves.toBeUndefined();
			expect(await lineLength()).toBe(1);
			expect(webhooks.calls).toEqual([]);
		}
	});
});

describe("pumps that are called in", () => {
	it("come at once for the seats that are free, when there is work for them", async () => {
		const { webhooks, create, runFor } = await openTimedWorld({ concurrency: 4 }, () => FLEET);
		webhooks.durationMs = () => 1_000;
		await create(12);
		await runFor(0.1);
		expect(webhooks.mostInFlight).toBe(4);
	});

	it("are not called in for work that is not there", async () => {
		let called = 0;
		const { webhooks, create, runFor } = await openTimedWorld({ concurrency: 4 }, ({ workQueue }) => ({
			...FLEET,
			workQueue: overriding(workQueue, {
				send: (messages) => {
					called += messages.length;
					return workQueue.send(messages);
				},
			}),
		}));
		await runFor(1);
		called = 0;
		webhooks.durationMs = () => 3_000;
		await create(1);
		await runFor(10);
		expect(webhooks.calls).toHaveLength(1);
		expect(called).toBe(1);
	});

	it("are missed by nobody: a pump that is alone makes all the calls that a rate allows", async () => {
		let isOpen = true;
		const world = await openTimedWorld(
			{ rate_limit: { limit: 1_000, per_seconds: 3 }, paused: true },
			({ workQueue }) => ({
				...FLEET,
				workQueue: overriding(workQueue, {
					send: async (messages) => {
						if (isOpen) await workQueue.send(messages);
					},
				}),
			}),
		);
		const { webhooks, create, runFor, set } = world;
		await create(2_000);
		await runFor(1);
		await set({ paused: false });
		isOpen = false;
		await runFor(4);
		const before = webhooks.calls.length;
		await runFor(1);
		expect(webhooks.calls.length - before).toBeGreaterThanOrEqual(320);
		expect(webhooks.calls.length - before).toBeLessThanOrEqual(340);
	});

	it("come back in time for a slot, though the work queue may be a second late", async () => {
		const settings = { rate_limit: { limit: 1, per_seconds: 60 } };
		const { webhooks, create, runFor } = await openTimedWorld(settings, ({ workQueue }) => ({
			workQueue: {
				precisionMs: 1_000,
				send: (messages) =>
					workQueue.send(messages.map((message) => ({ ...message, due_at: message.due_at + 1_000 }))),
			},
		}));
		await create(3);
		await runFor(200);
		expect(webhooks.calls).toHaveLength(3);
		const starts = webhooks.calls.map(({ startedAt }) => startedAt - (webhooks.calls[0]?.startedAt ?? 0));
		// Up to 20 ms of lateness may be made up for.
		for (const [call, start] of starts.entries()) {
			expect(start).toBeGreaterThanOrEqual(call * 60_000 - 20);
			expect(start).toBeLessThanOrEqual(call * 60_000);
		}
	});
});

describe("a message in line", () => {
	it("of a queue that was deleted is delivered as the defaults say", async () => {
		const { ports, pump, webhooks, finished, taskId, show } = await open({ concurrency: 1, timeout: 7 });
		await ports.queues.remove({ teamId: TEAM, name: QUEUE });
		await finished(pump());
		expect(webhooks.calls).toHaveLength(1);
		expect(await show(taskId)).toMatchObject({ status: "completed" });
		const task = await ports.tasks.get({ teamId: TEAM, taskId });
		expect(task && messageFor(task).attempt).toBe(1);
	});
});
