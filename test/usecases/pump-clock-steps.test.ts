import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type EmbeddedWorld, openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { systemRandom } from "../../lambda/adapters/system.ts";
import { QueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { PumpPlace } from "../../lambda/usecases/pump-place.ts";
import { pumpQueue } from "../../lambda/usecases/pump-queue.ts";
import { EMBEDDED_FLOW_LIMITS } from "../../local/runners.ts";
import { NOON } from "../support/unique-tasks.ts";

const QUEUE = { teamId: "acme", name: "emails" };
const CALL_MS = 30_000;
const MINUTES_MS = 300_000;
const HOUR_MS = 3_600_000;

let world: EmbeddedWorld;
afterEach(() => world.close());

/** A world whose wall clock can be set; `pass` lets time go by. */
const open = () => {
	let [wall, steady] = [NOON, 0];
	const clock = { now: () => wall };
	world = openEmbeddedWorld({ folder: ":memory:", clock, steadyClock: { now: () => steady } });
	const ports = {
		...world.stores,
		clock,
		random: systemRandom,
		flowLimits: EMBEDDED_FLOW_LIMITS,
		timer: { sleep: () => nextTurn() },
	} as unknown as Ports;
	const set = (milliseconds: number): void => {
		wall += milliseconds;
	};
	const pass = (milliseconds: number): void => {
		wall += milliseconds;
		steady += milliseconds;
	};
	return { ports, clock, set, pass };
};

const takeIn = async (ports: Ports): Promise<PumpPlace> => {
	const place = await PumpPlace.take(ports, QUEUE, 1);
	if (!place) throw new Error("there is no seat");
	return place;
};

/** What a pump does before a call: nothing, where it is covered already. Returns whether it was. */
const cover = async (place: PumpPlace): Promise<boolean> => {
	const isCovered = place.covers(CALL_MS, 0);
	if (!isCovered) await place.cover(CALL_MS, 0);
	expect(place.covers(CALL_MS, 0)).toBe(true);
	return isCovered;
};

describe("a pump whose clock is set forward", () => {
	it("is not taken for dead, neither by itself nor by others", async () => {
		const { ports, set, pass } = open();
		const place = await takeIn(ports);
		await cover(place);
		set(MINUTES_MS);
		pass(1_000);
		expect(place.countFree(1)).toBe(0);
		await place.takeAnother(1);
		expect(await PumpPlace.take(ports, QUEUE, 1)).toBeUndefined();
	});
});

describe("a pump whose clock is set back", () => {
	it("keeps its seat for the calls under way when the clock is set right again", async () => {
		const { ports, set, pass } = open();
		const place = await takeIn(ports);
		await cover(place);
		set(-MINUTES_MS);
		pass(CALL_MS);
		expect(await cover(place)).toBe(false);
		pass(1_000);
		set(MINUTES_MS);
		expect(await PumpPlace.take(ports, QUEUE, 1)).toBeUndefined();
		pass(CALL_MS);
		expect(await PumpPlace.take(ports, QUEUE, 1)).toBeDefined();
	});

	it("keeps it as long as the calls that were covered before need it, and no longer", async () => {
		const { ports, clock, set, pass } = open();
		const place = await takeIn(ports);
		await place.cover(4 * CALL_MS, 0);
		pass(500);
		set(-MINUTES_MS);
		await cover(place);
		const { seats } = await ports.pumpSheets.read(QUEUE);
		expect(seats[0]?.leaseUntil).toBe(clock.now() + 4 * CALL_MS + 750);
	});

	it("hands over, instead of working until the clock has caught up", async () => {
		const { ports, clock, set } = open();
		await ports.line.add([
			{
				team_id: "acme",
				queue: "emails",
				task_id: "task_01M844DZG0G51RG8TCR7FS0TZF7T2CAPQ",
				priority: 5,
				attempt: 1,
				due_at: NOON,
			},
		]);
		const first: Ports["line"]["first"] = async (...asked) => {
			set(-MINUTES_MS);
			return ports.line.first(...asked);
		};
		const sent: unknown[] = [];
		const send: Ports["workQueue"]["send"] = async (messages) => {
			sent.push(...messages);
		};
		const about = { kind: "pump", team_id: "acme", queue: "emails" } as const;
		const claims: unknown[] = [];
		const claim: Ports["tasks"]["claim"] = async () => {
			claims.push(clock.now());
			return { done: false, task: undefined };
		};
		await pumpQueue(
			{
				...ports,
				line: { ...ports.line, pageSize: 1, first, remove: async () => {} },
				workQueue: { precisionMs: 1, send },
				tasks: { ...ports.tasks, claim },
			},
			{ ...about, due_at: NOON },
		);
		expect(claims).toHaveLength(1);
		expect(sent).toEqual([{ ...about, due_at: NOON - MINUTES_MS }]);
	});
});

describe("a visit announced by a clock that was set back since", () => {
	/** Whether a pump that comes takes the seat, when it finds a visit announced for `inMs` from now. */
	const comes = async (settings: Partial<QueueSettings>, inMs: number, heldMs = 0): Promise<boolean> => {
		const { ports } = open();
		await ports.queues.put({
			...QUEUE,
			settings: QueueSettings.parse(settings),
			createdAt: NOON,
			updatedAt: NOON,
		});
		if (heldMs > 0) await ports.queues.hold(QUEUE, NOON + heldMs);
		const place = await takeIn(ports);
		await place.leave(0, NOON + inMs);
		const { version } = await ports.pumpSheets.read(QUEUE);
		const workQueue = { precisionMs: 1, send: async () => {} };
		await pumpQueue(
			{ ...ports, workQueue },
			{ kind: "pump", team_id: "acme", queue: "emails", due_at: NOON },
		);
		return (await ports.pumpSheets.read(QUEUE)).version > version;
	};
	const HOURLY = { rate_limit: { limit: 1, per_seconds: 3_600 } };

	it("keeps nobody from looking after a line whose next slot cannot be that far away", async () => {
		expect(await comes({ rate_limit: { limit: 1, per_seconds: 10 } }, HOUR_MS)).toBe(true);
		expect(await comes({ concurrency: 1 }, HOUR_MS)).toBe(true);
	});

	it("counts where it may be right: for a slot, and for the end of a hold", async () => {
		expect(await comes(HOURLY, HOUR_MS)).toBe(false);
		expect(await comes(HOURLY, HOUR_MS + 1_501)).toBe(true);
		expect(await comes({ respect_retry_after: "queue" }, HOUR_MS, HOUR_MS)).toBe(false);
	});
});
