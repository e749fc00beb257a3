import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ports } from "../../lambda/ports.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { START } from "../support/test-world.ts";
import { FLEET, openTimedWorld } from "../support/timed-world.ts";

describe("concurrency", () => {
	it.each([
		["one pump", {}],
		["a fleet", FLEET],
	])(
		"is never exceeded and well used by %s, whatever calls take",
		async (_, overrides) => {
			const property = fc.asyncProperty(
				fc.integer({ min: 1, max: 12 }),
				fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 30, maxLength: 80 }),
				async (concurrency, durations) => {
					const world = await openTimedWorld({ concurrency }, () => overrides);
					const { webhooks, runFor, create, statuses, clock } = world;
					webhooks.durationMs = (call) => durations[call] ?? 1;
					const ids = await create(durations.length);
					const work = durations.reduce((sum, duration) => sum + duration, 0);
					await runFor((work * 1.1) / concurrency / 1_000 + 1.5);
					expect(webhooks.mostInFlight).toBeLessThanOrEqual(concurrency);
					expect(await statuses(ids)).toEqual(new Set(["completed"]));
					expect(clock.now()).toBeGreaterThan(START);
				},
			);
			await fc.assert(property, { numRuns: 12 });
		},
		60_000,
	);

	it("follows a change at once, for tasks that wait already", async () => {
		const { webhooks, runFor, set, create } = await openTimedWorld({ concurrency: 1 });
		webhooks.durationMs = () => 1_000;
		await create(40);
		await runFor(3.5);
		expect(webhooks.calls).toHaveLength(4);
		await set({ concurrency: null });
		await runFor(2);
		expect(webhooks.calls).toHaveLength(40);
	});

	it("is followed at once by a fleet when it is lowered, and no task is left behind", async () => {
		const world = await openTimedWorld({ concurrency: 8 }, () => FLEET);
		const { webhooks, runFor, set, create, statuses } = world;
		webhooks.durationMs = () => 500;
		const ids = await create(60);
		await runFor(2);
		expect(webhooks.mostInFlight).toBe(8);
		await set({ concurrency: 1 });
		await runFor(0.6);
		const before = webhooks.calls.length;
		await runFor(5);
		expect(webhooks.calls.length - before).toBeGreaterThanOrEqual(8);
		expect(webhooks.calls.slice(before + 1).map(({ inFlight }) => inFlight)).not.toContain(2);
		await runFor(60);
		expect(await statuses(ids)).toEqual(new Set(["completed"]));
	});

	it("is used in full by a fleet also when little is waiting and much is read at a time", async () => {
		const pages = ({ line }: Ports): Partial<Ports> => ({
			...FLEET,
			line: {
				pageSize: 100,
				add: (messages) => line.add(messages),
				first: (queue, shards, limit) => line.first(queue, shards, limit),
				remove: (messages) => line.remove(messages),
			},
		});
		const { webhooks, runFor, create } = await openTimedWorld({ concurrency: 4, timeout: 10 }, pages);
		webhooks.durationMs = () => 5_000;
		await create(1);
		await runFor(0.1);
		await create(5);
		await runFor(2);
		expect(webhooks.calls).toHaveLength(4);
	});

	it("counts tries of the same task like others, and goes on after failures", async () => {
		const { webhooks, runFor, create, statuses } = await openTimedWorld({ concurrency: 2, max_retries: 2 });
		webhooks.result = (call) => answer(call < 20 ? 500 : 200);
		const ids = await create(10);
		await runFor(30);
		expect(webhooks.calls).toHaveLength(30);
		expect(webhooks.mostInFlight).toBe(2);
		expect(await statuses(ids)).toEqual(new Set(["completed"]));
	});
});
