import { describe, expect, it } from "vitest";
import type { Ports } from "../../lambda/ports.ts";
import { pumpQueue } from "../../lambda/usecases/pump-queue.ts";
import { mortalPorts } from "../support/mortal-ports.ts";
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

describe("a pump that dies", () => {
	it.each([0.02, 0.51, 1.3])(
		"after %d s is replaced when its lease is over, and never added to",
		async (seconds) => {
			const settings = { concurrency: 4, timeout: 2, paused: true };
			const world = await openTimedWorld(settings, () => FLEET);
			const { webhooks, runFor, create, statuses, ports, clock, set } = world;
			const ids = await create(100);
			await runFor(1);
			await set({ paused: false });
			let calls = 0;
			const call: Ports["webhooks"]["call"] = (request) => {
				calls += 1;
				return webhooks.call(request);
			};
			const { ports: mortal, die } = mortalPorts({ ...ports, webhooks: { call } });
			const message = { kind: "pump", team_id: TEAM, queue: QUEUE, due_at: clock.now() } as const;
			pumpQueue(mortal, message).catch(() => undefined);
			await runFor(seconds);
			die();
			await runFor(10);
			expect(calls).toBeGreaterThan(0);
			const inTime = webhooks.calls.length;
			await runFor(600);
			expect(inTime).toBeGreaterThanOrEqual(100);
			expect(webhooks.mostInFlight).toBeLessThanOrEqual(4);
			expect(await statuses(ids)).toEqual(new Set(["completed"]));
		},
	);
});
