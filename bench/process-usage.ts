import { readFileSync } from "node:fs";

const isLinux = process.platform === "linux";

/** The unit of times in /proc (USER_HZ), 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time that a process has used so far, user and system, in ms. NaN where /proc is missing. */
export const cpuMs = (pid: number): number => {
	if (!isLinux) return Number.NaN;
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
	// The second field is the program's name and may hold spaces: count from behind it. See proc_pid_stat(5).
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const ticks = Number(fields[11]) + Number(fields[12]);
	return (ticks / TICKS_PER_SECOND) * 1_000;
};

/** Memory of a process in MiB: its own pages and its share of the common ones (PSS). NaN where /proc is missing. */
export const memoryMiB = (pid: number): number => {
	if (!isLinux) return Number.NaN;
	const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
	return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1_024;
};
