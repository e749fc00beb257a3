const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The smallest value that at least `percent` % of `values` do not exceed (nearest rank). */
export const percentile = (values: readonly number[], percent: number): number => {
	const rank = Math.ceil((percent / 100) * values.length);
	return ascending(values)[Math.max(0, rank - 1)] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => {
	const sorted = ascending(values);
	const middle = sorted.length / 2;
	const upper = sorted[Math.floor(middle)] ?? Number.NaN;
	return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
};
