import { median } from "../../bench/statistics.ts";
import type { MemorySample, ServerLife } from "./server-life.ts";

/** Memory still grows in the first half minute of a process, and its slope means something only over a while. */
const WARM_UP_MS = 30_000;
const LONG_ENOUGH_MS = 60_000;

/** Generous bounds: SQLite's and V8's caches fill, a leak goes on. MiB a minute of long lives, and MiB of any. */
const MAX_SLOPE = 40;
const MAX_PEAK_MIB = 500;

export type MemoryTrend = Readonly<{
	lives: number;
	firstMiB: number;
	lastMiB: number;
	peakMiB: number;
	peakHeapMiB: number;
	/** Of the lives that were long enough; NaN when there was none. */
	medianSlope: number;
	isLeak: boolean;
}>;

/** The slope of the least-squares line through the samples, MiB a minute. */
const slopeOf = (samples: readonly MemorySample[]): number => {
	const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
	const minutes = samples.map(({ at }) => at / 60_000);
	const sizes = samples.map(({ rssMiB }) => rssMiB);
	const [meanMinute, meanSize] = [mean(minutes), mean(sizes)];
	const covariance = mean(
		minutes.map((minute, index) => (minute - meanMinute) * ((sizes[index] ?? 0) - meanSize)),
	);
	return covariance / mean(minutes.map((minute) => (minute - meanMinute) ** 2));
};

const warm = ({ samples }: ServerLife): readonly MemorySample[] =>
	samples.filter(({ at }) => at - (samples[0]?.at ?? 0) >= WARM_UP_MS);

export const memoryTrend = (lives: readonly ServerLife[]): MemoryTrend => {
	const samples = lives.flatMap((life) => life.samples);
	const long = lives
		.map(warm)
		.filter((each) => (each.at(-1)?.at ?? 0) - (each[0]?.at ?? 0) >= LONG_ENOUGH_MS);
	const peakMiB = Math.max(...samples.map(({ rssMiB }) => rssMiB));
	const medianSlope = median(long.map(slopeOf));
	return {
		lives: lives.length,
		firstMiB: samples[0]?.rssMiB ?? Number.NaN,
		lastMiB: samples.at(-1)?.rssMiB ?? Number.NaN,
		peakMiB,
		peakHeapMiB: Math.max(...samples.map(({ heapMiB }) => heapMiB)),
		medianSlope,
		isLeak: medianSlope > MAX_SLOPE || peakMiB > MAX_PEAK_MIB,
	};
};
