/**
 * Does `work` for every item, at most `limit` at a time; the results keep the order of the items. After a failure
 * nothing more is begun; rejects with it when what is under way has ended.
 */
export const sideBySide = async <T, Result>(
	items: readonly T[],
	limit: number,
	work: (item: T) => Promise<Result>,
): Promise<Result[]> => {
	const results: Result[] = [];
	const failures: unknown[] = [];
	const entries = items.entries();
	// The workers share one iterator: each takes the next item when it is done with its last.
	const worker = async (): Promise<void> => {
		for (const [index, item] of entries) {
			if (failures.length > 0) return;
			try {
				results[index] = await work(item);
			} catch (error) {
				failures.push(error);
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
	if (failures.length > 0) throw failures[0];
	return results;
};
