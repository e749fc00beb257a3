import type { Usage } from "./billed-units.ts";
import type { CaseName } from "./cases.ts";
import { priceOf } from "./price-of.ts";

/** What one task uses, by case. */
export type Usages = Readonly<Record<CaseName, Usage>>;

export type Bar = Readonly<{ label: string; value: (usages: Usages) => number; most: number }>;

export type JudgedBar = Readonly<{
	label: string;
	value: number;
	most: number;
	verdict: "ok" | "short of bar";
}>;

/** Observing has a bar of its own. */
const unobserved = (usage: Usage): number => priceOf(usage).total - observing(usage);
const observing = (usage: Usage): number => priceOf(usage).lines.logKilobytes;

const sqs = ({ sqsSends, sqsReceives }: Usage): number => sqsSends + sqsReceives;
const added = (kind: Usage, { single }: Usages, figure: (usage: Usage) => number): number =>
	figure(kind) - figure(single);
const writes = ({ writeUnits }: Usage): number => writeUnits;

/** The promises that are checked on each run. */
export const bars: readonly Bar[] = [
	{
		label: "single create: $ per million without logs",
		value: ({ single }) => unobserved(single),
		most: 3.75,
	},
	{ label: "single create: write units", value: ({ single }) => single.writeUnits, most: 3 },
	{ label: "single create: read units", value: ({ single }) => single.readUnits, most: 0.5 },
	{ label: "single create: SQS requests", value: ({ single }) => sqs(single), most: 1.2 },
	{ label: "single create: API calls", value: ({ single }) => single.httpApiRequests, most: 1 },
	{
		label: "batch-10 create: $ per million without logs",
		value: ({ batch }) => unobserved(batch),
		most: 2.25,
	},
	{
		label: "single create: $ per million of logs and metrics",
		value: ({ single }) => observing(single),
		most: 0.3,
	},
	{
		label: "batch-10 create: $ per million of logs and metrics",
		value: ({ batch }) => observing(batch),
		most: 0.3,
	},
	{ label: "1 retry adds: write units", value: (all) => added(all.retry, all, writes), most: 2 },
	{ label: "1 retry adds: SQS requests", value: (all) => added(all.retry, all, sqs), most: 1.2 },
	{ label: "1-hour delay: schedules", value: ({ delay }) => delay.schedulerInvocations, most: 1 },
	{ label: "1-hour delay adds: SQS requests", value: (all) => added(all.delay, all, sqs), most: 1.2 },
	{ label: "1-hour delay adds: write units", value: (all) => added(all.delay, all, writes), most: 0 },
	{ label: "4 KB payload adds: write units", value: (all) => added(all.payload4, all, writes), most: 5 },
	{
		label: "100 KB payload adds: write units",
		value: (all) => added(all.payload100, all, writes),
		most: 101,
	},
	{ label: "paused queue adds: write units", value: (all) => added(all.paused, all, writes), most: 2.5 },
	{ label: "100 calls/s adds: write units", value: (all) => added(all.rated, all, writes), most: 2.5 },
	{ label: "50 at a time adds: write units", value: (all) => added(all.limited, all, writes), most: 2.5 },
];

/** To the hundredth, like the figures that are printed: a cache renewed during the run is no breach. */
const HUNDREDTHS = 100;
const rounded = (value: number): number => Math.round(value * HUNDREDTHS) / HUNDREDTHS;

export const judgeBars = (usages: Usages): readonly JudgedBar[] =>
	bars.map(({ label, value, most }) => {
		const reached = value(usages);
		return { label, value: reached, most, verdict: rounded(reached) <= most ? "ok" : "short of bar" };
	});
