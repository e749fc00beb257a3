import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newestFirst, type Run } from "../../lambda/adapters/aws/newest-first.ts";

/** A run over these keys that shows only those the filter lets through, as a query with a filter does. */
const runOver = (
	keys: readonly string[],
	isShown: (key: string) => boolean,
	reads: number[] = [],
): Run<string> => {
	const descending = keys.toSorted().reverse();
	return async (before, limit) => {
		const below = descending.filter((key) => key < before);
		const page = below.slice(0, limit);
		reads.push(page.length);
		return {
			found: page.filter(isShown),
			read: page.length,
			readTo: below.length > limit ? page.at(-1) : undefined,
		};
	};
};

const keyOf = (key: string): string => key;
const keys = fc.uniqueArray(
	fc.integer({ min: 0, max: 9_999 }).map((n) => String(n).padStart(4, "0")),
	{
		maxLength: 300,
	},
);

/** All keys, spread over some runs at random. */
const spread = fc.tuple(keys, fc.infiniteStream(fc.nat({ max: 4 }))).map(([all, places]) => {
	const runs: string[][] = [[], [], [], [], []];
	for (const key of all) runs[places.next().value as number]?.push(key);
	return { all: all.toSorted().reverse(), runs };
});

const endsIn = (digits: string) => (key: string) => digits.includes(key.at(-1) ?? "");

describe("merging runs, newest first", () => {
	it("gives the newest items of all runs", async () => {
		await fc.assert(
			fc.asyncProperty(spread, fc.integer({ min: 1, max: 120 }), async ({ all, runs }, count) => {
				const merged = await newestFirst({
					runs: runs.map((run) => runOver(run, () => true)),
					keyOf,
					before: undefined,
					count,
					budget: Number.POSITIVE_INFINITY,
				});
				expect(merged).toEqual({ items: all.slice(0, count), isCut: false });
			}),
		);
	});

	it("leaves nothing out from page to page, however small its budget", async () => {
		await fc.assert(
			fc.asyncProperty(
				spread,
				fc.constantFrom("0123456789", "05", "7", ""),
				fc.constantFrom(0, 10, 40),
				async ({ all, runs }, digits, budget) => {
					const isShown = endsIn(digits);
					const walked: string[] = [];
					let before: string | undefined;
					for (;;) {
						const { items, isCut } = await newestFirst({
							runs: runs.map((run) => runOver(run, isShown)),
							keyOf,
							before,
							count: 7,
							budget,
						});
						walked.push(...items);
						before = items.at(-1);
						if (!isCut && items.length < 7) break;
						expect(before).toBeDefined();
					}
					expect(walked).toEqual(all.filter(isShown));
				},
			),
		);
	});

	it("gives what it has when the budget is used up", async () => {
		const numbers = Array.from({ length: 9_000 }, (_, index) => String(1_000 + index));
		const reads: number[] = [];
		const merged = await newestFirst({
			runs: [runOver(numbers, (key) => key === "9000" || key === "1000", reads)],
			keyOf,
			before: undefined,
			count: 21,
			budget: 500,
		});
		expect(merged).toEqual({ items: ["9000"], isCut: true });
		expect(reads.reduce((sum, each) => sum + each, 0)).toBeLessThan(2_000);
	});

	it("does not read on in a run that cannot hold one of the items wanted", async () => {
		const reads: number[] = [];
		const old = Array.from({ length: 1_000 }, (_, index) => String(index).padStart(4, "0"));
		const recent = Array.from({ length: 1_000 }, (_, index) => String(5_000 + index));
		await newestFirst({
			runs: [runOver(old, () => true, reads), runOver(recent, () => true)],
			keyOf,
			before: undefined,
			count: 100,
			budget: 10_000,
		});
		expect(reads).toEqual([100]);
	});

	it("has nothing to give without runs", async () => {
		const nothing = { runs: [], keyOf, before: undefined, count: 21, budget: 100 };
		expect(await newestFirst(nothing)).toEqual({ items: [], isCut: false });
	});
});
