import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { QueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { pumpQueue } from "../../lambda/usecases/pump-queue.ts";
import { mortalPorts } from "../support/mortal-ports.ts";
import { overriding } from "../support/port-overrides.ts";
import { START } from "../support/test-world.ts";
import { FLEET, openTimedWorld, QUEUE, TEAM } from "../support/timed-world.ts";

const crash = () => Promise.reject(new Error("crashed here"));

/** Ports of which the `turn`th call of one method fails, before or after it has taken effect. */
const failing =
	<Name extends keyof Ports>(name: Name, method: keyof Ports[Name], turn: number, isAfter: boolean) =>
	(ports: Ports): Partial<Ports> => {
		let calls = 0;
		const port = ports[name] as object;
		const original = Reflect.get(port, method) as (...parameters: unknown[]) => Promise<unknown>;
		const broken = async (...parameters: unknown[]): Promise<unknown> => {
			calls += 1;
			if (calls !== turn) return original.apply(port, parameters);
			if (isAfter) await original.apply(port, parameters);
			return crash();
		};
		const get = (target: object, member: string | symbol): unknown => {
			const value: unknown = member === method ? broken : Reflect.get(target, member);
			return typeof value === "function" ? value.bind(target) : value;
		};
		return { [name]: new Proxy(port, { get }) };
	};

const steps = [
	["line", "add"],
	["line", "first"],
	["line", "remove"],
	["pumpSheets", "read"],
	["pumpSheets", "write"],
	["tasks", "claim"],
	["tasks", "recordAttempt"],
	["workQueue", "send"],
	["queues", "getFresh"],
] as const;

const cases = steps.flatMap(([port, method]) =>
	[2, 5].flatMap((turn) => [true, false].map((isAfter) => ({ port, method, turn, isAfter }))),
);

describe("a fault of ours in the middle of a pump's work", () => {
	it.each(cases)("loses no task: $port.$method, call $turn, after its effect: $isAfter", async (fault) => {
		const { port, method, turn, isAfter } = fault;
		const world = await openTimedWorld(
			{ concurrency: 2, timeout: 5, retry_delay: 1 },
			failing(port, method as never, turn, isAfter),
		);
		const { webhooks, runFor, create, statuses } = world;
		const ids: string[] = [];
		while (ids.length < 12) ids.push(...(await create(3)));
		await runFor(3_600);
		expect(await statuses(ids)).toEqual(new Set(["completed"]));
		expect(webhooks.mostInFlight).toBeLessThanOrEqual(2);
	});
});

it("a pump that has announced its next visit, and fails to send for it, does so when its message comes back", async () => {
	const sent: number[] = [];
	let isBroken = true;
	const world = await openTimedWorld(
		{ rate_limit: { limit: 1, per_seconds: 3_600 } },
		({ workQueue, clock }) => ({
			workQueue: overriding(workQueue, {
				send: (messages) => {
					const visits = messages.filter(({ due_at }) => due_at > clock.now());
					if (visits.length === 0) return workQueue.send(messages);
					if (isBroken) {
						isBroken = false;
						return crash();
					}
					sent.push(...visits.map(({ due_at }) => due_at - START));
					return workQueue.send(messages);
				},
			}),
		}),
	);
	const ids = await world.create(3);
	await world.runFor(3_500);
	expect(isBroken).toBe(false);
	expect(sent).toHaveLength(1);
	await world.runFor(7_200);
	expect(await world.statuses(ids)).toEqual(new Set(["completed"]));
});

/** A world whose first pump is another worker's, which is killed; `calls` counts those that it made. */
const withMortalPump = async (settings: Partial<QueueSettings>, tasks: number) => {
	const world = await openTimedWorld({ ...settings, paused: true }, () => FLEET);
	const { webhooks, runFor, create, ports, clock, set } = world;
	const ids = await create(tasks);
	await runFor(1);
	await set({ paused: false });
	const made = { calls: 0 };
	const call: Ports["webhooks"]["call"] = (request) => {
		made.calls += 1;
		return webhooks.call(request);
	};
	const { ports: mortal, die } = mortalPorts({ ...ports, webhooks: { call } });
	const message = { kind: "pump", team_id: TEAM, queue: QUEUE, due_at: clock.now() } as const;
	pumpQueue(mortal, message).catch(() => undefined);
	// It takes its seat before the world's own pumps begin.
	while (made.calls === 0) await nextTurn();
	/** Time for a pump that the world's runners do not know. */
	const runMortalFor = async (seconds: number): Promise<void> => {
		await runFor(seconds);
		for (let turn = 0; turn < 100; turn += 1) await nextTurn();
	};
	/** Its message comes back when it has been hidden for long enough. */
	const comeBack = () => ports.workQueue.send([message]);
	return { ...world, ids, made, die, comeBack, runMortalFor };
};

describe("a pump that dies", () => {
	it.each([0.02, 0.51, 1.3])(
		"after %d s is replaced when its lease is over, and never added to",
		async (seconds) => {
			const world = await withMortalPump({ concurrency: 4, timeout: 2 }, 100);
			const { webhooks, runFor, statuses, ids, made, die, runMortalFor } = world;
			await runMortalFor(seconds);
			die();
			await runFor(10);
			expect(made.calls).toBeGreaterThan(0);
			const inTime = webhooks.calls.length;
			await runFor(600);
			expect(inTime).toBeGreaterThanOrEqual(100);
			expect(webhooks.mostInFlight).toBeLessThanOrEqual(4);
			expect(await statuses(ids)).toEqual(new Set(["completed"]));
		},
	);

	it.each([
		["before its call is recorded", 0.01, 2],
		["after", 0.6, 1],
	])("%s leaves word of the slot that it used", async (_, seconds, callsOfFirst) => {
		const settings = { rate_limit: { limit: 1, per_seconds: 60 }, timeout: 2 };
		const world = await withMortalPump(settings, 5);
		const { webhooks, runFor, made, die, comeBack, runMortalFor } = world;
		await runMortalFor(seconds);
		die();
		await runFor(10 - seconds);
		await comeBack();
		await runFor(49);
		expect(made.calls).toBe(1);
		expect(webhooks.calls).toHaveLength(1);
		await runFor(600);
		expect(webhooks.calls).toHaveLength(4 + callsOfFirst);
	});
});
