import { describe, expect, it } from "vitest";
import type { Ports, QueueStore } from "../../lambda/ports.ts";
import { overriding } from "../support/port-overrides.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { START } from "../support/test-world.ts";
import { openTimedWorld, QUEUE, TEAM } from "../support/timed-world.ts";

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

	it("holds the queue before the next call can start, however long the store takes", async () => {
		const slowNotes = ({ queues, timer }: Ports): Partial<Ports> => {
			const note: QueueStore["note"] = async (queue, notes) => {
				await timer.sleep(20);
				await queues.note(queue, notes);
			};
			const get = (store: QueueStore, name: keyof QueueStore) =>
				name === "note" ? note : store[name].bind(store);
			return { queues: new Proxy(queues, { get: (store, name) => get(store, name as keyof QueueStore) }) };
		};
		const settings = { concurrency: 1, respect_retry_after: "queue" } as const;
		const { webhooks, runFor, create } = await openTimedWorld(settings, slowNotes);
		webhooks.result = () => answer(503, { "retry-after": "3600" });
		await create(3);
		await runFor(3_000);
		expect(webhooks.calls).toHaveLength(1);
	});

	it("writes nothing about the queue where nobody asked for a pause, or for a shorter one", async () => {
		const held: unknown[] = [];
		const counting = ({ queues }: Ports): Partial<Ports> => ({
			queues: overriding(queues, {
				note: (queue, notes) => {
					held.push(notes);
					return queues.note(queue, notes);
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
		expect(held).toEqual([{ heldUntil: START + 200 + 60_000 }]);
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
