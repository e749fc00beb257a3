import { describe, expect, it } from "vitest";
import { drawPlan } from "./plan.ts";
import { simulate } from "./simulation.ts";

const STEPS = 60;

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

describe("the service, whatever goes wrong", () => {
	it.each(seeds)("keeps its promises in seed %i", async (seed) => {
		const { violations, accepted } = await simulate(drawPlan(seed, STEPS));
		expect(violations).toEqual([]);
		expect(accepted).toBeGreaterThan(0);
	});
});

describe("a seed", () => {
	it("replays to the letter", async () => {
		const plan = drawPlan(61, STEPS);
		const [first, second] = [
			await simulate(plan, { isTraced: true }),
			await simulate(plan, { isTraced: true }),
		];
		expect(first.faults.length).toBeGreaterThan(0);
		expect(second.faults).toEqual(first.faults);
		expect(second.story([])).toBe(first.story([]));
	});
});
