import type { Plan, PlannedEvent } from "./plan.ts";
import { type RunResult, simulate } from "./simulation.ts";

/** Runs spent on making a failing run smaller, at most. */
const MOST_TRIES = 400;

/** A failing run from which nothing can be left out without its passing. */
export type MinimalFailure = Readonly<{ plan: Plan; spared: ReadonlySet<number>; result: RunResult }>;

/** Whether a run still breaks the promise. */
type Fails<Item> = (items: readonly Item[]) => Promise<boolean>;

/** Leaves out as many items as it can, in ever smaller chunks (ddmin of Zeller and Hildebrandt, 2002, without complements). */
const minimal = async <Item>(items: readonly Item[], fails: Fails<Item>): Promise<readonly Item[]> => {
	let kept = items;
	for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let from = 0; from < kept.length; ) {
			const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
			if (await fails(fewer)) kept = fewer;
			else from += size;
		}
	}
	return kept;
};

/** Finds out which of a failing run's events and faults matter. `first` is what the whole plan came to. */
export const shrink = async (plan: Plan, first: RunResult): Promise<MinimalFailure> => {
	const invariant = first.violations[0]?.invariant;
	let tries = 0;
	const breaks = async (events: readonly PlannedEvent[], spared: ReadonlySet<number>): Promise<boolean> => {
		tries += 1;
		if (tries > MOST_TRIES) return false;
		const { violations } = await simulate({ ...plan, events }, { spared });
		return violations.some((violation) => violation.invariant === invariant);
	};
	const events = await minimal(plan.events, (fewer) => breaks(fewer, new Set()));
	const { faults } = await simulate({ ...plan, events });
	const ordinals = faults.map(({ ordinal }) => ordinal);
	const without = (kept: readonly number[]) => new Set(ordinals.filter((ordinal) => !kept.includes(ordinal)));
	const needed = await minimal(ordinals, (fewer) => breaks(events, without(fewer)));
	const spared = without(needed);
	const smallest = { ...plan, events: await minimal(events, (fewer) => breaks(fewer, spared)) };
	const result = await simulate(smallest, { spared, isTraced: true });
	return { plan: smallest, spared, result };
};
