import { describe, expect, it } from "vitest";
import { type SingleFault, simulateFault, singleFaults } from "./exhaustive-faults.ts";
import { simulate } from "./simulation.ts";
import { stories } from "./use-case-stories.ts";

/** Of the faults that are possible; `npm run simulate -- --exhaustive` takes them all. */
const EVERY = 23;

const label = ({ call, fault }: SingleFault): string =>
	`${fault} of call ${call.ordinal}, ${call.port}.${call.method}`;

describe.each(stories)("$name", ({ name, plan }) => {
	it("comes to its end when nothing goes wrong", async () => {
		const { violations, accepted } = await simulate(plan, { faults: () => undefined });
		expect(violations).toEqual([]);
		expect(accepted).toBeGreaterThan(0);
	});

	it("loses nothing and gets nowhere stuck when one call goes wrong", async () => {
		const singles = await singleFaults({ name, plan });
		const offset = name.length % EVERY;
		const broken: string[] = [];
		for (const single of singles.filter((_, index) => index % EVERY === offset)) {
			const { violations } = await simulateFault(single);
			for (const { what } of violations) broken.push(`${label(single)}: ${what}`);
		}
		expect(broken).toEqual([]);
	});
});
