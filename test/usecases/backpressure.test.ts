import { describe, expect, it } from "vitest";
import type { Ports } from "../../lambda/ports.ts";
import { overriding } from "../support/port-overrides.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { START } from "../support/test-world.ts";
import { openTimedWorld, QUEUE, TEAM } from "../support/timed-world.ts";

/** As over a network: calls that are made at the same instant are all under way before the first has its effect. */
const slowHolds = ({ queues, timer }: Ports): Partial<Ports> => ({
	queues: overriding(queues, {
		hold: async (queue, until) => {
			await timer.sleep(20);
			return queues.hold(queue, until);
		},
	}),
});

describe("backpressure", () => {
	it("postpones only the task that met it by default", async () => {
		const { webhooks, runFor, create } = await openTimedWorld({ concurrency: 1 });
		webhooks.result = (call) => (call === 0 ? answer(429, { "retry-after": "600" }) : answer(200));
		await create(3);
		await runFor(10);
		expect(webhooks.calls).toHaveLength(3);
		await runFor(600);
		expect(webhooks.calls).toHaveLength(4);
	});

	it.each([{ concurrency: 1 }, {}])("holds the whole queue where %j allows it", async (settings) => {
		const { webhooks, runFor, create } = await openTimedWorld({ ...settings, respect_retry_after: "queue" });
		webhooks.result = (call) => (call === 0 ? answer(503, { "retry-after": "3600" }) : answer(200));
		await create(1);
		await runFor(1);
		await create(20);
		await runFor(3_598);
		expect(webhooks.calls).toHaveLength(1);
		await runFor(5);
		expect(webhooks.calls).toHaveLength(22);
	});

	it("holds it for the longest that was asked for", async () => {
		const settings = { concurrency: 2, respect_retry_after: "queue" } as const;
		const { webhooks, runFor, create } = await openTimedWorld(settings);
		webhooks.durationMs = (call) => 50 + call * 50;
		webhooks.result = (call) => answer(503, { "retry-after": call === 0 ? "3600" : "10" });
		await create(4);
		await runFor(3_000);
		expect(webhooks.calls).toHaveLength(2);
	});

	it.each([
		[3_600, 10],
		[10, 3_600],
	])("also of two that are asked for at the same instant: %i s and %i s", async (...seconds) => {
		const settings = { concurrency: 2, respect_retry_after: "queue" } as const;
		const { webhooks, runFor, create, ports } = await openTimedWorld(settings, slowHolds);
		webhooks.durationMs = () => 50;
		webhooks.result = (call) => answer(503, { "retry-after": `${seconds[call]}` });
		await create(4);
		await runFor(3_000);
		expect(webhooks.calls).toHaveLength(2);
		const heldUntil = START + 50 + 3_600_000;
		expect(await ports.queues.getFresh(TEAM, QUEUE)).toMatchObject({ heldUntil });
	});

	it("holds the queue before the next call can start, however long the store takes", async () => {
		const settings = { concurrency: 1, respect_retry_after: "queue" } as const;
		const { webhooks, runFor, create } = await openTimedWorld(settings, slowHolds);
		webhooks.result = () => answer(503, { "retry-after": "3600" });
		await create(3);
		await runFor(3_000);
		expect(webhooks.calls).toHaveLength(1);
	});

	it("costs one write of the queue for each answer that asks for a pause, and nothing for others", async () => {
		const held: number[] = [];
		const counting = ({ queues }: Ports): Partial<Ports> => ({
			queues: overriding(queues, {
				hold: (queue, until) => {
					held.push(until);
					return queues.hold(queue, until);
				},
			}),
		});
		const settings = { concurrency: 3, respect_retry_after: "queue", max_retries: 0 } as const;
		const { webhooks, runFor, create } = await openTimedWorld(settings, counting);
		const answers = [answer(503), answer(503, { "retry-after": "60" }), answer(503, { "retry-after": "30" })];
		webhooks.result = (call) => answers[call] ?? answer(200);
		webhooks.durationMs = (call) => 100 + call * 100;
		await create(3);
		await runFor(1);
		expect(held).toEqual([START + 200 + 60_000, START + 300 + 30_000]);
		await runFor(58);
		await create(1);
		await runFor(1);
		expect(webhooks.calls).toHaveLength(3);
		await runFor(1);
		expect(webhooks.calls).toHaveLength(4);
	});

	it("does no harm when the queue was deleted while its webhook was called", async () => {
		const settings = { concurrency: 1, respect_retry_after: "queue" } as const;
		const { webhooks, runFor, create, ports, statuses } = await openTimedWorld(settings);
		webhooks.result = (call) => (call === 0 ? answer(503, { "retry-after": "5" }) : answer(200));
		webhooks.durationMs = () => 1_000;
		const ids = await create(1);
		await runFor(0.5);
		await ports.queues.remove({ teamId: TEAM, name: QUEUE });
		await runFor(10);
		expect(webhooks.calls).toHaveLength(2);
		expect(await statuses(ids)).toEqual(new Set(["completed"]));
	});

	it("ends with the attempt when the receiver says that there is no point", async () => {
		const { webhooks, runFor, create, show } = await openTimedWorld({});
		const refusals = [answer(410), answer(500, { "x-asyncqueue-no-retry": "true" })];
		webhooks.result = (call) => refusals[call] ?? answer(200);
		const ids = await create(2);
		await runFor(60);
		const tasks = await Promise.all(ids.map(show));
		expect(tasks.map(({ status, attempts }) => [status, attempts.map(({ error }) => error)])).toEqual([
			["failed", ["http_410"]],
			["failed", ["no_retry"]],
		]);
	});
});
