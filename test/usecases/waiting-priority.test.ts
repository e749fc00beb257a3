import { describe, expect, it } from "vitest";
import { openTimedWorld } from "../support/timed-world.ts";

describe("priority", () => {
	it("orders a backlog exactly, and tasks of one priority by age", async () => {
		const { webhooks, runFor, set, create } = await openTimedWorld({ paused: true, concurrency: 1 });
		const ids = await create(60, (n) => 1 + ((n * 7) % 10));
		await runFor(1);
		await set({ paused: false });
		await runFor(60);
		const priorities = webhooks.calls.map(({ priority }) => Number(priority));
		expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
		const lowest = webhooks.calls.filter(({ priority }) => priority === 1).map(({ taskId }) => taskId);
		expect(lowest).toEqual(ids.filter((id) => lowest.includes(id)));
	});

	it("lets a high task overtake those that wait already", async () => {
		const { webhooks, runFor, create } = await openTimedWorld({ concurrency: 1 });
		await create(20, () => 1);
		await runFor(0.12);
		const [high] = await create(1, () => 10);
		await runFor(60);
		expect(webhooks.calls.findIndex(({ taskId }) => taskId === high)).toBeLessThanOrEqual(4);
	});

	it("starves nobody: a low task is overtaken only by what becomes due within nine minutes after it", async () => {
		const { webhooks, runFor, create } = await openTimedWorld({ concurrency: 1 });
		webhooks.durationMs = () => 10_000;
		const [low] = await create(1, () => 1);
		for (let minute = 0; minute < 12; minute += 1) {
			await create(8, () => 10);
			await runFor(60);
		}
		await runFor(600);
		const before = webhooks.calls.findIndex(({ taskId }) => taskId === low);
		expect(before).toBeGreaterThanOrEqual(8 * 8);
		expect(before).toBeLessThanOrEqual(9 * 8);
	});
});
