import { describe, expect, it } from "vitest";
import type { QueueSettings } from "../../lambda/core/queue.ts";
import { putInForce, wakeLine } from "../../lambda/usecases/settings-in-force.ts";
import { overriding } from "../support/port-overrides.ts";
import { START } from "../support/test-world.ts";
import { FLEET, openTimedWorld, QUEUE, TEAM } from "../support/timed-world.ts";

const KEY = { teamId: TEAM, name: QUEUE };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAILY = { limit: 1, per_seconds: 86_400 };

/** A world whose pump sheet has a slot an hour ahead and one a day ahead, and what a change of settings makes of them. */
const withSlots = async (settings: Partial<QueueSettings>, overrides = {}) => {
	const world = await openTimedWorld(settings, () => overrides);
	const { ports, set } = world;
	const seat = { owner: "", leaseUntil: 0 };
	const seats = [
		{ ...seat, slotAt: START + HOUR_MS },
		{ ...seat, slotAt: START + DAY_MS },
	];
	const { version } = await ports.pumpSheets.read(KEY);
	await ports.pumpSheets.write(KEY, { version, seats, woken: false, visitAt: START + DAY_MS });
	const sheet = () => ports.pumpSheets.read(KEY);
	const slotsAfter = async (patch: Partial<QueueSettings>): Promise<number[]> => {
		await set(patch);
		return (await sheet()).seats.map(({ slotAt }) => Math.max(slotAt - START, 0));
	};
	return { ...world, sheet, slotsAfter };
};

describe("the slots of a rate limit, when settings change", () => {
	it("stay when the rate does", async () => {
		const { slotsAfter, sheet } = await withSlots({ rate_limit: DAILY });
		expect(await slotsAfter({ max_retries: 7 })).toEqual([HOUR_MS, DAY_MS]);
		expect(await sheet()).toMatchObject({ woken: true, visitAt: 0 });
	});

	it("are no farther away than a faster rate has them", async () => {
		const { slotsAfter } = await withSlots({ rate_limit: DAILY });
		expect(await slotsAfter({ rate_limit: { limit: 1, per_seconds: 7_200 } })).toEqual([
			HOUR_MS,
			2 * HOUR_MS,
		]);
		expect(await slotsAfter({ rate_limit: { limit: 10, per_seconds: 1 } })).toEqual([100, 100]);
	});

	it("are as far apart as those of one pump among several", async () => {
		const { slotsAfter } = await withSlots({ rate_limit: DAILY }, FLEET);
		expect(await slotsAfter({ rate_limit: { limit: 400, per_seconds: 1 } })).toEqual([10, 10]);
	});

	it("stay while the queue is paused, and when it is resumed", async () => {
		const { slotsAfter } = await withSlots({ rate_limit: DAILY });
		expect(await slotsAfter({ paused: true })).toEqual([HOUR_MS, DAY_MS]);
		expect(await slotsAfter({ paused: false })).toEqual([HOUR_MS, DAY_MS]);
	});

	it("stay while a webhook holds the queue", async () => {
		const { slotsAfter, ports } = await withSlots({ rate_limit: DAILY });
		await ports.queues.hold(KEY, START + 60_000);
		expect(await slotsAfter({ rate_limit: { limit: 10, per_seconds: 1 } })).toEqual([HOUR_MS, DAY_MS]);
	});

	it.each([
		["nothing limits the queue", null],
		["only calls at a time are limited", 2],
	])("are forgotten when %s any more", async (_, concurrency) => {
		const { set, sheet } = await withSlots({ rate_limit: DAILY });
		await set({ rate_limit: null, concurrency });
		expect((await sheet()).seats.map(({ slotAt }) => slotAt)).toEqual([0, 0]);
	});
});

describe("a queue of one call a day", () => {
	it("makes no call more because another of its settings changes", async () => {
		const { webhooks, create, runFor, set } = await openTimedWorld({ rate_limit: DAILY });
		await create(5);
		await runFor(60);
		for (let change = 1; change <= 5; change += 1) {
			await set({ max_retries: change });
			await runFor(600);
		}
		expect(webhooks.calls).toHaveLength(1);
		await runFor(86_400);
		expect(webhooks.calls).toHaveLength(2);
	});

	it("makes none more because it is paused and resumed", async () => {
		const { webhooks, create, runFor, set } = await openTimedWorld({ rate_limit: DAILY });
		await create(5);
		await runFor(60);
		for (const paused of [true, false, true, false]) {
			await set({ paused });
			await runFor(600);
		}
		expect(webhooks.calls).toHaveLength(1);
	});

	it("makes the next an hour from now when it is allowed one an hour", async () => {
		const { webhooks, create, runFor, set } = await openTimedWorld({ rate_limit: DAILY });
		await create(5);
		await runFor(60);
		await set({ rate_limit: { limit: 1, per_seconds: 3_600 } });
		await runFor(3_590);
		expect(webhooks.calls).toHaveLength(1);
		await runFor(12);
		expect(webhooks.calls).toHaveLength(2);
	});
});

describe("putting settings in force", () => {
	it("starts from the sheet as it has become when a pump writes it at the same time", async () => {
		const { ports, sheet } = await withSlots({ rate_limit: DAILY });
		let reads = 0;
		const pumpSheets = overriding(ports.pumpSheets, {
			read: async (key) => {
				const read = await ports.pumpSheets.read(key);
				reads += 1;
				if (reads === 1) await ports.pumpSheets.write(key, { ...read, seats: read.seats.slice(1) });
				return read;
			},
		});
		await wakeLine({ ...ports, pumpSheets }, KEY);
		expect(reads).toBe(2);
		expect(await sheet()).toMatchObject({ seats: [{ slotAt: START + DAY_MS }], woken: true, visitAt: 0 });
	});

	it("fails in words that say what to do, with what has caused it", async () => {
		const { ports } = await withSlots({});
		const cause = new Error("throttled");
		const queue = await ports.queues.getFresh(TEAM, QUEUE);
		if (!queue) throw new Error("the queue is gone");
		const pumpSheets = overriding(ports.pumpSheets, { read: () => Promise.reject(cause) });
		await expect(putInForce({ ...ports, pumpSheets }, queue)).rejects.toMatchObject({
			code: "unavailable",
			message: "The settings are stored, but may not be in force yet; please try again",
			cause,
		});
	});
});
