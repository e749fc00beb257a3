import { describe, expect, it } from "vitest";
import { AWS_FLOW_LIMITS } from "../../lambda/adapters/aws/flow-limits.ts";
import type { Ports } from "../../lambda/ports.ts";
import { PumpPlace } from "../../lambda/usecases/pump-place.ts";
import { KEY, type OnePump, openOnePump } from "../support/one-pump.ts";
import { START } from "../support/test-world.ts";

/** A call a second. */
const INTERVAL_MS = 1_000;
/** How much lateness the pace makes up for. */
const CATCH_UP_MS = 20;

/** The first of two calls that have slots comes to start 400 ms late, as the sheet takes so long to write. */
const startLate = async ({ calls, aClaim, call, pass, slow }: OnePump): Promise<void> => {
	const late = await aClaim();
	calls.promise(INTERVAL_MS);
	calls.promise(INTERVAL_MS);
	slow.writeMs = 400;
	void call(late, INTERVAL_MS);
	await pass(500);
};

describe("calls with a rate limit", () => {
	it("are as far apart as it says when they start, whatever has kept the first", async () => {
		const world = await openOnePump();
		await startLate(world);
		const second = world.call(await world.aClaim(), INTERVAL_MS);
		await world.pass(3_000);
		expect(await second).toBe("called");
		expect(world.startedAt()).toEqual([400, 1_400 - CATCH_UP_MS]);
	});

	it("come before those that are claimed later, when they are late", async () => {
		const world = await openOnePump();
		await startLate(world);
		expect(world.calls.opensAt).toBe(START + 1_400 - CATCH_UP_MS);
		expect(world.calls.nextSlot(INTERVAL_MS)).toBe(START + 2_400 - CATCH_UP_MS);
	});

	it("leave the slots of others as they are when they start in time", async () => {
		const world = await openOnePump();
		const first = await world.aClaim();
		for (let slot = 0; slot < 3; slot += 1) world.calls.promise(INTERVAL_MS);
		void world.call(first, INTERVAL_MS);
		await world.pass(100);
		expect(world.startedAt()).toEqual([0]);
		expect(world.calls.nextSlot(INTERVAL_MS)).toBe(START + 3_000 - CATCH_UP_MS);
	});

	it("never use the same slot, if they are ready at the same instant", async () => {
		const world = await openOnePump();
		const claims = [await world.aClaim(), await world.aClaim(), await world.aClaim()];
		for (const claimed of claims) {
			world.calls.promise(INTERVAL_MS);
			void world.call(claimed, INTERVAL_MS);
		}
		await world.pass(5_000);
		expect(world.startedAt()).toEqual([0, 980, 1_980]);
	});

	it.each([
		["was withheld", false],
		["has failed after it started", true],
	])("have the slot of one that %s no longer to make way for", async (_, starts) => {
		const world = await openOnePump();
		const { calls, aClaim, call, pass, failing, slow } = world;
		const first = await aClaim(starts ? undefined : START + 1_000);
		const late = await aClaim();
		for (let slot = 0; slot < 3; slot += 1) calls.promise(INTERVAL_MS);
		failing.record = starts;
		const ended = call(first, INTERVAL_MS);
		await pass(1_500);
		expect(await ended).toBe(starts ? "Error" : "CallWithheldError");
		failing.record = false;
		slow.writeMs = 400;
		const opensAt = world.clock.now();
		void call(late, INTERVAL_MS);
		await pass(500);
		// One call is still on its way, so the slot after that of this one is taken.
		const startAt = world.startedAt().at(-1) ?? 0;
		expect(startAt).toBe(opensAt - START + 400);
		expect(calls.nextSlot(INTERVAL_MS)).toBe(START + startAt - CATCH_UP_MS + 2 * INTERVAL_MS);
	});

	it("ask again for permission when they have waited for their slot", async () => {
		const { aClaim, call, pass, set, webhooks, stored } = await openOnePump({ slotAt: START + 800 });
		const claimed = await aClaim();
		const waiting = call(claimed, INTERVAL_MS);
		await pass(700);
		expect(webhooks.calls).toEqual([]);
		await set({ paused: true });
		await pass(200);
		expect(await waiting).toBe("CallWithheldError");
		expect(webhooks.calls).toEqual([]);
		expect(await stored(claimed)).toMatchObject({ status: "pending", attempt: 1 });
	});
});

describe("calls without a rate limit", () => {
	it("wait for no slot, have none, and take none from others", async () => {
		const world = await openOnePump({ slotAt: START + 5_000 });
		const { calls, aClaim, call, pass, startedAt } = world;
		await Promise.all([aClaim(), aClaim()].map(async (claimed) => void call(await claimed)));
		await pass(100);
		expect(startedAt()).toEqual([0, 0]);
		expect(calls.opensAt).toBe(0);
	});

	it("leave the slots of those with a limit alone", async () => {
		const world = await openOnePump();
		const { calls, aClaim, call, pass } = world;
		const unlimited = call(await aClaim());
		await pass(100);
		expect(await unlimited).toBe("called");
		await startLate(world);
		expect(calls.nextSlot(INTERVAL_MS)).toBe(START + 100 + 2_400 - CATCH_UP_MS);
	});
});

describe("a clock that was set back", () => {
	// An interval, and what may be on record in advance and differ between clocks.
	const FARTHEST_MS = INTERVAL_MS + 1_500;

	it("keeps nobody waiting for longer than a slot can be away", async () => {
		const { aClaim, call, pass, startedAt } = await openOnePump({ slotAt: START + 600_000 });
		void call(await aClaim(), INTERVAL_MS);
		await pass(10_000);
		expect(startedAt()).toEqual([FARTHEST_MS]);
	});

	it("is noticed when a slot is given away; one interval is added for each call on its way", async () => {
		const { calls } = await openOnePump({ slotAt: START + 600_000 });
		calls.promise(INTERVAL_MS);
		expect(calls.nextSlot(INTERVAL_MS)).toBe(START + FARTHEST_MS + INTERVAL_MS);
		expect(calls.opensAt).toBe(START + FARTHEST_MS + INTERVAL_MS);
	});

	it("is told from the slot of a pump with fewer seats, whose calls are farther apart", async () => {
		const { calls } = await openOnePump({ slotAt: START + 600_000, seats: 2 });
		expect(calls.nextSlot(INTERVAL_MS)).toBe(START + FARTHEST_MS + INTERVAL_MS);
		const { calls: soon } = await openOnePump({ slotAt: START + 3_000, seats: 2 });
		expect(soon.nextSlot(INTERVAL_MS)).toBe(START + 3_000);
	});
});

describe("the attempt of a call", () => {
	it("is given back when the place at the line was lost", async () => {
		const { aClaim, call, pass, stored, clock, webhooks, ports } = await openOnePump();
		const claimed = await aClaim();
		clock.advanceBy(750);
		expect(await PumpPlace.take(ports, KEY, 1)).toBeDefined();
		const lost = call(claimed, INTERVAL_MS);
		await pass(0);
		expect(await lost).toBe("PlaceLostError");
		expect(webhooks.calls).toEqual([]);
		expect(await stored(claimed)).toMatchObject({ status: "pending", attempt: 1, attempts: [] });
	});

	it("is given back when the claim is too short for it", async () => {
		const { aClaim, call, pass, stored } = await openOnePump();
		const claimed = await aClaim(START + 29_999);
		const withheld = call(claimed);
		await pass(0);
		expect(await withheld).toBe("CallWithheldError");
		expect(await stored(claimed)).toMatchObject({ status: "pending", attempt: 1, attempts: [] });
	});

	it("stays claimed when anything else goes wrong, for the call may have been made", async () => {
		const { aClaim, call, pass, stored, failing } = await openOnePump();
		const claimed = await aClaim();
		failing.record = true;
		const failed = call(claimed);
		await pass(100);
		expect(await failed).toBe("Error");
		expect(await stored(claimed)).toMatchObject({ status: "active", leaseUntil: claimed.leaseUntil });
	});
});

describe("the answer to a call", () => {
	it("is told before it is settled", async () => {
		const { aClaim, call, pass, stored, slow } = await openOnePump();
		slow.recordMs = 5_000;
		const claimed = await aClaim();
		const told: number[] = [];
		const settled = call(claimed, undefined, () => told.push(1));
		await pass(49);
		expect(told).toEqual([]);
		await pass(1);
		expect(told).toEqual([1]);
		expect(await stored(claimed)).toMatchObject({ status: "active" });
		await pass(5_000);
		expect(await settled).toBe("called");
		expect(await stored(claimed)).toMatchObject({ status: "completed" });
	});

	const deployed: Partial<Ports> = { flowLimits: AWS_FLOW_LIMITS };

	it("ends the watch for slowness: to settle it may take longer", async () => {
		const { aClaim, call, pass, slow, noted, calls } = await openOnePump({ limits: deployed });
		slow.recordMs = 5_000;
		const settled = call(await aClaim());
		await pass(6_000);
		expect(await settled).toBe("called");
		expect(noted).toEqual([]);
		await calls.end();
		expect(noted).toEqual([{ quickAt: START + 6_000 }]);
	});

	it("proves nothing good of the queue when it was slow", async () => {
		const { aClaim, call, pass, noted, calls, webhooks } = await openOnePump({ limits: deployed });
		webhooks.durationMs = () => 1_001;
		const settled = call(await aClaim());
		await pass(2_000);
		expect(await settled).toBe("called");
		await calls.end();
		expect(noted).toEqual([{ slowAt: START + 1_000 }]);
	});

	it("is not waited for when there was no call: that is no slowness either", async () => {
		const { aClaim, call, pass, noted } = await openOnePump({ limits: deployed });
		const withheld = call(await aClaim(START + 29_999));
		await pass(2_000);
		expect(await withheld).toBe("CallWithheldError");
		expect(noted).toEqual([]);
	});
});
