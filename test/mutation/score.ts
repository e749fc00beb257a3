import type { Stryker } from "@stryker-mutator/core";

/** A change to the code, and what became of it. */
export type Mutant = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

/** What became of the mutants of one file or folder. Invalid ones (they do not even load) are not counted. */
export type Score = Readonly<{
	killed: number;
	timedOut: number;
	survived: number;
	notCovered: number;
	invalid: number;
	/** Killed and timed out, of all that are valid: 0–100. */
	percent: number;
}>;

export const scoreOf = (mutants: readonly Mutant[]): Score => {
	const count = (status: Mutant["status"]): number =>
		mutants.filter((mutant) => mutant.status === status).length;
	const [killed, timedOut] = [count("Killed"), count("Timeout")];
	const [survived, notCovered] = [count("Survived"), count("NoCoverage")];
	const noticed = killed + timedOut;
	const valid = noticed + survived + notCovered;
	return {
		killed,
		timedOut,
		survived,
		notCovered,
		invalid: mutants.length - valid,
		percent: valid === 0 ? 100 : (100 * noticed) / valid,
	};
};
