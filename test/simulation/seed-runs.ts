import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Plant } from "./plant.ts";
import type { SeedReport, SeedWork } from "./seed-worker.ts";

/** Which seeds to run. */
export type SeedRange = Readonly<{
	from: number;
	count: number;
	steps: number;
	plant?: Plant | undefined;
	/** Processors to use. */
	workers?: number;
}>;

/** Told of each seed; an answer of false ends all runs. */
type OnReport = (report: SeedReport) => boolean;

const runWorker = (work: SeedWork, onReport: OnReport, signal: AbortSignal): Promise<void> =>
	new Promise((resolve, reject) => {
		const worker = new Worker(new URL("./seed-worker.ts", import.meta.url), { workerData: work });
		const stop = (): void => {
			worker.terminate().then(() => resolve(), reject);
		};
		signal.addEventListener("abort", stop);
		worker.on("message", (report: SeedReport) => {
			if (!signal.aborted && !onReport(report)) stop();
		});
		worker.on("error", reject);
		worker.on("exit", () => resolve());
	});

/** Runs the seeds on all processors. */
export const runSeeds = async (
	{ from, count, steps, plant, workers = availableParallelism() }: SeedRange,
	onReport: OnReport,
): Promise<void> => {
	const ending = new AbortController();
	const tell: OnReport = (report) => {
		const goesOn = onReport(report);
		if (!goesOn) ending.abort();
		return goesOn;
	};
	const works = Array.from({ length: Math.min(workers, count) }, (_, index) => ({
		from: from + index,
		count: Math.ceil((count - index) / workers),
		stride: workers,
		steps,
		plant,
	}));
	await Promise.all(works.map((work) => runWorker(work, tell, ending.signal)));
};
