import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AdvanceableClock } from "../../local/advanceable-clock.ts";

const DAY_MS = 86_400_000;

/** Sleeps, and says whether it is over. */
const sleeper = (clock: AdvanceableClock, milliseconds: number, signal?: AbortSignal) => {
	const state = { isAwake: false };
	const sleep = clock.sleep(milliseconds, signal).then(() => {
		state.isAwake = true;
	});
	return { state, sleep };
};

describe("a clock that is moved ahead", () => {
	it("is the machine's clock until then, and ahead of it from then on", () => {
		const clock = new AdvanceableClock();
		const before = Date.now();
		expect(clock.now()).toBeGreaterThanOrEqual(before);
		expect(clock.now()).toBeLessThanOrEqual(Date.now());
		clock.advanceBy(DAY_MS);
		expect(clock.now()).toBeGreaterThanOrEqual(before + DAY_MS);
		expect(clock.now()).toBeLessThanOrEqual(Date.now() + DAY_MS);
		expect(clock.aheadMs).toBe(DAY_MS);
	});

	it("wakes those who have slept for long enough by it, and nobody else", async () => {
		const clock = new AdvanceableClock();
		const end = new AbortController();
		const short = sleeper(clock, DAY_MS, end.signal);
		const long = sleeper(clock, 3 * DAY_MS, end.signal);
		clock.advanceBy(DAY_MS);
		await short.sleep;
		clock.advanceBy(DAY_MS);
		await nextTurn();
		expect(long.state.isAwake).toBe(false);
		clock.advanceBy(DAY_MS);
		await long.sleep;
	});

	it("leaves the others what is left of their sleep, in real time", async () => {
		const clock = new AdvanceableClock();
		const { state, sleep } = sleeper(clock, DAY_MS);
		clock.advanceBy(DAY_MS - 20);
		await nextTurn();
		expect(state.isAwake).toBe(false);
		await sleep;
	});

	it("lets those sleep on who begin after it was moved", async () => {
		const clock = new AdvanceableClock();
		const end = new AbortController();
		clock.advanceBy(DAY_MS);
		const { state, sleep } = sleeper(clock, DAY_MS, end.signal);
		clock.advanceBy(DAY_MS - 1_000);
		await nextTurn();
		expect(state.isAwake).toBe(false);
		end.abort();
		await sleep;
	});

	it("wakes who is called off, also before the sleep began", async () => {
		const clock = new AdvanceableClock();
		const end = new AbortController();
		const { sleep } = sleeper(clock, DAY_MS, end.signal);
		end.abort();
		await sleep;
		await clock.sleep(DAY_MS, end.signal);
		await clock.sleep(0);
	});
});
