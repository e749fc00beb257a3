import { sideBySide } from "../../core/side-by-side.ts";

/** A page of a run: what was found, how much was looked at, and down to which key; undefined at the run's end. */
type RunPage<T> = Readonly<{ found: readonly T[]; read: number; readTo: string | undefined }>;

/** Items in descending order of their keys, read a page at a time: those below `before`, looking at `limit` of them. */
export type Run<T> = (before: string, limit: number) => Promise<RunPage<T>>;

type Merge<T> = Readonly<{
	runs: readonly Run<T>[];
	keyOf(item: T): string;
	before: string | undefined;
	/** Items wanted. */
	count: number;
	/** Items to look at before the merge gives up looking for more. */
	budget: number;
}>;

/** `isCut`: the budget ran out, so there may be more below the last item although there are fewer than wanted. */
export type Merged<T> = Readonly<{ items: readonly T[]; isCut: boolean }>;

/** Sorts after every key. */
const AFTER_ALL = "~";

/** The half KB of a task times six is within the 4 KB that are billed for one. */
const MIN_PAGE = 6;
const MAX_PAGE = 1_000;
const PAGE_GROWTH = 4;
const PARALLEL_READS = 32;

/** How far a run has been read. */
type Position<T> = { readonly run: Run<T>; readTo: string | undefined; pageSize: number };

/** How much to read of each run at first: twice its share of what is wanted, so that one round usually does. */
const firstPageSize = (count: number, runs: number): number =>
	Math.min(MAX_PAGE, Math.max(MIN_PAGE, Math.ceil((2 * count) / runs)));

/**
 * The newest items of several runs, newest first. Reads on only in runs that may still hold one of the `count` newest,
 * so the cost depends on what is wanted and not on the length of the runs.
 */
export const newestFirst = async <T>(merge: Merge<T>): Promise<Merged<T>> => {
	const { runs, keyOf, before = AFTER_ALL, count, budget } = merge;
	const pageSize = firstPageSize(count, runs.length);
	const positions: Position<T>[] = runs.map((run) => ({ run, readTo: before, pageSize }));
	let found: T[] = [];
	let read = 0;
	for (;;) {
		found = found.sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1)).slice(0, count);
		const enough = found[count - 1];
		const lowest = enough === undefined ? "" : keyOf(enough);
		const open = positions.filter(({ readTo }) => readTo !== undefined && readTo > lowest);
		if (open.length === 0) return { items: found, isCut: false };
		if (read >= budget) {
			const line = open.reduce((highest, { readTo = "" }) => (readTo > highest ? readTo : highest), "");
			const settled = found.filter((item) => keyOf(item) >= line);
			// An empty page has no last item to continue from, so at least one has to be found.
			if (settled.length > 0) return { items: settled, isCut: true };
		}
		const pages = await sideBySide(open, PARALLEL_READS, readOn);
		for (const page of pages) {
			found.push(...page.found);
			read += page.read;
		}
	}
};

const readOn = async <T>(position: Position<T>): Promise<RunPage<T>> => {
	const page = await position.run(position.readTo ?? "", position.pageSize);
	position.readTo = page.readTo;
	position.pageSize = Math.min(MAX_PAGE, position.pageSize * PAGE_GROWTH);
	return page;
};
