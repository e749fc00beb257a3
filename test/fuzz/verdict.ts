import { median } from "../../bench/statistics.ts";
import type { CampaignResult } from "./campaign.ts";

/** A generous bound: what leaks with every request would leave far more behind in a long run. */
const MAX_GROWTH_MIB = 64;

/** Memory in MiB after the warm-up (the second and third tenth of the run), and at its end (the last two tenths). */
export const memoryGrowth = ({ memory }: Pick<CampaignResult, "memory">) => {
	const tenth = memory.length / 10;
	const warm = median(memory.slice(Math.floor(tenth), Math.ceil(3 * tenth)));
	const end = median(memory.slice(-Math.ceil(2 * tenth)));
	return { warm, end, growth: end - warm };
};

/** Everything that a run has found wrong, in sentences; nothing if all is well. */
export const complaints = (result: CampaignResult): string[] => {
	const { findings, exit } = result;
	const { growth } = memoryGrowth(result);
	return [
		...findings.map(({ name, faults, reproduction, answer }) =>
			[`${name}: ${faults.join("; ")}`, reproduction, answer].filter((line) => line !== "").join("\n"),
		),
		...(exit.code === 0 ? [] : [`The server ended with ${exit.signal ?? exit.code}:\n${exit.output}`]),
		...exit.output.split("\n").filter((line) => line.includes('"level":"error"')),
		...(growth > MAX_GROWTH_MIB ? [`The server's memory has grown by ${growth.toFixed(0)} MiB`] : []),
	];
};
