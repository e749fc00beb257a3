import type { LoadName } from "./loads.ts";

/** What a figure has to reach, from the project's goals. `floorShare` is product ÷ floor. */
export type Bar = Readonly<{ most?: number; least?: number; leastFloorShare?: number }>;

export type Row = Readonly<{
	load: LoadName;
	figure: string;
	label: string;
	digits: number;
	bar?: Bar;
	/** A promise is judged by the worst run, everything else by the median. */
	isPromise?: true;
}>;

const serverRows: readonly Row[] = [
	{ load: "throughput", figure: "readyMs", label: "ready, ms", digits: 0, bar: { most: 1_500 } },
	{
		load: "throughput",
		figure: "tasksPerSecond",
		label: "throughput, tasks/s",
		digits: 0,
		bar: { least: 2_000, leastFloorShare: 0.7 },
	},
	{
		load: "throughput",
		figure: "cpuMsPerTask",
		label: "CPU per task, server, ms",
		digits: 3,
		bar: { most: 0.5 },
	},
	{ load: "throughput", figure: "driverCpuMsPerTask", label: "CPU per task, driver, ms", digits: 3 },
	{ load: "throughput", figure: "loadedCreateP50Ms", label: "create, 32 in flight, p50 ms", digits: 1 },
	{ load: "throughput", figure: "loadedCreateP99Ms", label: "create, 32 in flight, p99 ms", digits: 1 },
	{ load: "paced", figure: "pacedCreateP50Ms", label: "create at 50/s, p50 ms", digits: 2 },
	{ load: "paced", figure: "pacedCreateP99Ms", label: "create at 50/s, p99 ms", digits: 2 },
	{
		load: "paced",
		figure: "endToEndP50Ms",
		label: "create to webhook at 50/s, p50 ms",
		digits: 2,
		bar: { most: 2.5 },
	},
	{
		load: "paced",
		figure: "endToEndP99Ms",
		label: "create to webhook at 50/s, p99 ms",
		digits: 2,
		bar: { most: 8 },
	},
	{ load: "delay", figure: "dueP50Ms", label: "due to webhook, p50 ms", digits: 2 },
	{ load: "delay", figure: "dueP99Ms", label: "due to webhook, p99 ms", digits: 2, bar: { most: 6 } },
	{
		load: "delay",
		figure: "dueEarliestMs",
		label: "due to webhook, earliest ms",
		digits: 2,
		bar: { least: 0 },
		isPromise: true,
	},
	{ load: "memory", figure: "idleMiB", label: "memory idle, MiB", digits: 0 },
	{
		load: "memory",
		figure: "afterLoadMiB",
		label: "memory after the load, MiB",
		digits: 0,
		bar: { most: 150 },
	},
	{
		load: "memory",
		figure: "addedByWaitingMiB",
		label: "added by 100,000 waiting tasks, MiB",
		digits: 0,
		bar: { most: 50 },
	},
	{ load: "crash", figure: "crashAccepted", label: "SIGKILL: accepted before", digits: 0 },
	{
		load: "crash",
		figure: "crashMissing",
		label: "SIGKILL: missing",
		digits: 0,
		bar: { most: 0 },
		isPromise: true,
	},
	{ load: "crash", figure: "crashInFlight", label: "SIGKILL: calls in flight", digits: 0 },
	{ load: "crash", figure: "crashDuplicates", label: "SIGKILL: duplicates", digits: 0 },
	{
		load: "crash",
		figure: "crashExcessDuplicates",
		label: "SIGKILL: duplicates beyond calls in flight",
		digits: 0,
		bar: { most: 0 },
		isPromise: true,
	},
	{
		load: "crash",
		figure: "crashSlowestSeconds",
		label: "SIGKILL: slowest after restart or due, s",
		digits: 1,
		bar: { most: 5 },
	},
];

const queueRows: readonly Row[] = [
	{ load: "neighbour", figure: "neighbourHanging", label: "neighbour: calls hanging beside", digits: 0 },
	{ load: "neighbour", figure: "neighbourAloneP99Ms", label: "neighbour: p99 alone, ms", digits: 0 },
	{ load: "neighbour", figure: "neighbourBesideP99Ms", label: "neighbour: p99 beside it, ms", digits: 0 },
	{
		load: "neighbour",
		figure: "neighbourRatio",
		label: "neighbour: beside it / alone",
		digits: 2,
		bar: { most: 1.5 },
	},
	{ load: "neighbourFleet", figure: "fleetHanging", label: "10 workers: calls hanging beside", digits: 0 },
	{ load: "neighbourFleet", figure: "fleetAloneP99Ms", label: "10 workers: p99 alone, ms", digits: 0 },
	{ load: "neighbourFleet", figure: "fleetBesideP99Ms", label: "10 workers: p99 beside it, ms", digits: 0 },
	{
		load: "neighbourFleet",
		figure: "fleetRatio",
		label: "10 workers: beside it / alone",
		digits: 2,
		bar: { most: 1.5 },
	},
	{
		load: "rate",
		figure: "rateMostInOneSecond",
		label: "50/s, 4 workers: most calls in 1 s",
		digits: 0,
		bar: { most: 55 },
		isPromise: true,
	},
	{
		load: "rate",
		figure: "rateTimeShare",
		label: "50/s, 4 workers: time / ideal",
		digits: 3,
		bar: { most: 1.05 },
	},
	{
		load: "concurrency",
		figure: "concurrencyMost",
		label: "5 at a time, 4 workers: most at once",
		digits: 0,
		bar: { most: 5 },
		isPromise: true,
	},
	{
		load: "concurrency",
		figure: "concurrencyShare",
		label: "5 at a time: share of ideal throughput",
		digits: 2,
		bar: { least: 0.9 },
	},
	{
		load: "concurrency",
		figure: "concurrencyKilledShare",
		label: "the same, one worker killed",
		digits: 2,
		bar: { least: 0.9 },
	},
	{
		load: "concurrency",
		figure: "concurrencyLostSeconds",
		label: "seconds lost by its death",
		digits: 2,
	},
	{ load: "redrive", figure: "redriveKilledAt", label: "redrive of 10,000: killed at", digits: 0 },
	{ load: "redrive", figure: "redriveCounted", label: "redrive: counted by the job", digits: 0 },
	{
		load: "redrive",
		figure: "redriveNotTwice",
		label: "redrive: not called exactly once again",
		digits: 0,
		bar: { most: 0 },
		isPromise: true,
	},
	{ load: "redrive", figure: "redriveSeconds", label: "redrive: with the restart, s", digits: 1 },
];

export const rows: readonly Row[] = [...serverRows, ...queueRows];
