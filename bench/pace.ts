import { setTimeout as sleep } from "node:timers/promises";

/** Calls `act` with every item at its time, `perSecond` a second, whether or not earlier calls have ended. */
export const atPace = async <Item, Result>(
	items: readonly Item[],
	perSecond: number,
	act: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> => {
	const results: Promise<Result>[] = [];
	const startedAt = performance.now();
	for (const [index, item] of items.entries()) {
		const wait = startedAt + (index * 1_000) / perSecond - performance.now();
		if (wait > 0) await sleep(wait);
		results.push(act(item, index));
	}
	return Promise.all(results);
};
