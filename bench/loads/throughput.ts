import { setTimeout as sleep } from "node:timers/promises";
import type { Figures } from "../figures.ts";
import { ownCpuMs } from "../other-load.ts";
import { cpuMs } from "../process-usage.ts";
import { onWarmStage, type Stage } from "../stage.ts";
import { percentile } from "../statistics.ts";
import type { Subject } from "../subject.ts";
import { taskBodies } from "../task-bodies.ts";

const TASKS = 5_000;
/** Time for what the subject still writes after the last call; it belongs to the tasks' CPU. */
const AFTERMATH_MS = 300;

const run = async ({ subject, arrivals, connections, first }: Stage): Promise<Figures> => {
	const bodies = taskBodies(first, TASKS, arrivals.url);
	const cpuBefore = cpuMs(subject.pid);
	const driverCpuBefore = ownCpuMs();
	const startedAt = performance.now();
	const [created] = await Promise.all([connections.postAll(bodies), arrivals.total(first + TASKS)]);
	const lastArrival = Math.max(...arrivals.times.values());
	const driverCpu = ownCpuMs() - driverCpuBefore;
	await sleep(AFTERMATH_MS);
	const latencies = created.map(({ latencyMs }) => latencyMs);
	return {
		tasksPerSecond: TASKS / ((lastArrival - startedAt) / 1_000),
		cpuMsPerTask: (cpuMs(subject.pid) - cpuBefore) / TASKS,
		driverCpuMsPerTask: driverCpu / TASKS,
		loadedCreateP50Ms: percentile(latencies, 50),
		loadedCreateP99Ms: percentile(latencies, 99),
	};
};

/** 5,000 immediate tasks as fast as 32 connections carry them: from the first create to the last arrival. */
export const throughput = async (subject: Subject): Promise<Figures> => ({
	...(await onWarmStage(subject, run)),
	readyMs: subject.readyMs,
});
