/** The most of these instants that lie within any window of this length. */
export const mostWithin = (instants: readonly number[], windowMs: number): number => {
	const sorted = [...instants].sort((a, b) => a - b);
	let first = 0;
	let most = 0;
	for (const [index, instant] of sorted.entries()) {
		while (instant - (sorted[first] ?? instant) >= windowMs) first += 1;
		most = Math.max(most, index - first + 1);
	}
	return most;
};
