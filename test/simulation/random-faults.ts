import { type Fault, type FaultPlan, faultsOf } from "./fault.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Faults that strike the same number of calls to begin with, so that what is rare is not drowned by what is common. */
const ALL: readonly Fault[] = [
	"error_before",
	"error_after",
	"timeout",
	"timeout_after",
	"late_effect",
	"late_answer",
	"twice",
	"crash_before",
	"crash_after",
	"freeze",
];

/** A call of the run that goes wrong. */
export type InjectedCall = Readonly<{ ordinal: number; fault: Fault; port: string; method: string }>;

type Options = Readonly<{
	random: SeededRandom;
	rate: number;
	isDisturbed: () => boolean;
	/** Ordinals of calls that go well although the seed says otherwise: for finding out which faults matter. */
	spared: ReadonlySet<number>;
	onFault: (call: InjectedCall) => void;
}>;

/** Lets calls go wrong at random: this share of them, in some of the ways that there are. */
export const randomFaults = ({ random, rate, isDisturbed, spared, onFault }: Options): FaultPlan => {
	const kinds = random.chance(0.4) ? ALL : random.shuffle(ALL).slice(0, random.int(1, 4));
	return ({ ordinal, port, method }) => {
		if (!isDisturbed()) return undefined;
		// The same draws whether or not it strikes, so that sparing one call leaves the others' luck as it was.
		const strikes = random.chance(rate);
		const choice = random.fraction();
		if (!strikes || spared.has(ordinal)) return undefined;
		const possible = faultsOf(method).filter((fault) => kinds.includes(fault));
		const fault = possible[Math.floor(choice * possible.length)];
		if (fault) onFault({ ordinal, fault, port, method });
		return fault;
	};
};
