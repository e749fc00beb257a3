import { expect, it } from "vitest";
import { AdvanceableClock } from "../../local/advanceable-clock.ts";
import { DevClock } from "../../local/dev-clock.ts";

const YEAR_S = 31_536_000;

it("whoever wakes what waits is told of each advance, when the clock has moved, and of nothing else", () => {
	const clock = new AdvanceableClock();
	const told: number[] = [];
	const devClock = new DevClock(clock, () => told.push(clock.aheadMs));
	devClock.advance({ advance: 60 });
	expect(() => devClock.advance({ advance: 0 })).toThrow("advance");
	devClock.advance({ advance: 1 });
	expect(told).toEqual([60_000, 61_000]);
	expect(devClock.view).toEqual({ now: expect.stringMatching(/^\d{4}-.*Z$/), ahead_seconds: 61 });
});

it("the clock stays within the years that can be written down", () => {
	const devClock = new DevClock(new AdvanceableClock(), () => undefined);
	for (let year = 0; year < 1_000; year += 1) devClock.advance({ advance: YEAR_S });
	expect(() => devClock.advance({ advance: 1 })).toThrow("1,000 years");
	expect(devClock.view.now).toMatch(/^3\d{3}-/);
});
