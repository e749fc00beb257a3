import { cpus } from "node:os";
import { cpuMs } from "./process-usage.ts";

/** CPU time of the whole machine so far, ms. */
const machineCpuMs = (): number =>
	cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0);

/** CPU time of this process so far, ms. */
export const ownCpuMs = (): number => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1_000;
};

/** Runs `work` and tells how many cores processes other than this one and `subjectPid` kept busy meanwhile. */
export const withOtherLoad = async <Result>(
	subjectPid: number,
	work: () => Promise<Result>,
): Promise<{ result: Result; othersCores: number }> => {
	const read = () => ({
		at: performance.now(),
		others: machineCpuMs() - ownCpuMs() - cpuMs(subjectPid),
	});
	const before = read();
	const result = await work();
	const after = read();
	return { result, othersCores: Math.max(0, (after.others - before.others) / (after.at - before.at)) };
};
