import { describe, expect, it } from "vitest";
import { START } from "../support/test-world.ts";
import { FLEET, openTimedWorld, TEAM } from "../support/timed-world.ts";

const WEEK = 604_800;

describe("a rate limit", () => {
	it.each([
		["one pump", {}],
		["a fleet", FLEET],
	])("spreads the calls of %s and loses no time", async (_, overrides) => {
		const world = await openTimedWorld({ rate_limit: { limit: 50, per_seconds: 1 } }, () => overrides);
		const { webhooks, runFor, create } = world;
		await create(1_000);
		await runFor(20 * 1.05);
		expect(webhooks.calls).toHaveLength(1_000);
		expect(webhooks.mostWithin(1_000)).toBeLessThanOrEqual(51);
		expect(webhooks.mostWithin(100)).toBeLessThanOrEqual(7);
	});

	it("is shared out when it is more than one pump can do", async () => {
		const world = await openTimedWorld({ rate_limit: { limit: 400, per_seconds: 1 } }, () => FLEET);
		await world.create(1_200);
		await world.runFor(3 * 1.05);
		expect(world.webhooks.calls).toHaveLength(1_200);
		expect(world.webhooks.mostWithin(1_000)).toBeLessThanOrEqual(440);
	}, 20_000);

	it("of a few calls an hour keeps nobody waiting in between", async () => {
		const { webhooks, runFor, create, world } = await openTimedWorld({
			rate_limit: { limit: 4, per_seconds: 3_600 },
		});
		await create(6);
		await runFor(899);
		expect(webhooks.calls).toHaveLength(1);
		const changes = world.database.prepare("SELECT total_changes() AS changes");
		const before = changes.get();
		await runFor(890);
		expect(changes.get()).not.toEqual(before);
		expect(webhooks.calls).toHaveLength(2);
		await runFor(3_600);
		expect(webhooks.calls).toHaveLength(6);
		const gaps = webhooks.calls
			.slice(1)
			.map(({ startedAt }, n) => startedAt - (webhooks.calls[n]?.startedAt ?? 0));
		for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(900_000 - 20);
	});

	it("follows a change at once, also of tasks that would have waited for hours", async () => {
		const { webhooks, runFor, set, create } = await openTimedWorld({
			rate_limit: { limit: 1, per_seconds: 3_600 },
		});
		await create(20);
		await runFor(60);
		expect(webhooks.calls).toHaveLength(1);
		await set({ rate_limit: { limit: 10, per_seconds: 1 } });
		await runFor(2.5);
		expect(webhooks.calls).toHaveLength(20);
	});

	it("spends no slot on tasks that were cancelled meanwhile", async () => {
		const { webhooks, runFor, create, ports } = await openTimedWorld({
			rate_limit: { limit: 1, per_seconds: 60 },
		});
		const ids = await create(10);
		await runFor(1);
		const called = webhooks.calls.map(({ taskId }) => taskId);
		const [last, ...cancelled] = ids.filter((id) => !called.includes(id)).reverse();
		const finish = { completedAt: START, expiresAt: START + WEEK * 1_000 };
		for (const taskId of cancelled) await ports.tasks.cancel({ teamId: TEAM, taskId }, finish);
		await runFor(61);
		expect(webhooks.calls.at(-1)?.taskId).toBe(last);
	});

	it("keeps nobody waiting for a clock that was set back to catch up", async () => {
		let setBackMs = 0;
		const world = await openTimedWorld({ rate_limit: { limit: 10, per_seconds: 1 } }, ({ clock }) => ({
			clock: { now: () => clock.now() - setBackMs },
		}));
		const { webhooks, runFor, create } = world;
		await create(5);
		await runFor(1);
		expect(webhooks.calls).toHaveLength(5);
		setBackMs = 600_000;
		await create(20);
		await runFor(5);
		expect(webhooks.calls).toHaveLength(25);
		expect(webhooks.mostWithin(1_000)).toBeLessThanOrEqual(11);
	});
});
