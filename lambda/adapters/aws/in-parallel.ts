/** Does `work` for every item, at most `limit` at a time; the results keep the order of the items. */
export const inParallel = async <T, Result>(
	items: readonly T[],
	limit: number,
	work: (item: T) => Promise<Result>,
): Promise<Result[]> => {
	const results: Result[] = [];
	const entries = items.entries();
	// The workers share one iterator: each takes the next item when it is done with its last.
	const worker = async () => {
		for (const [index, item] of entries) results[index] = await work(item);
	};
	await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
	return results;
};
