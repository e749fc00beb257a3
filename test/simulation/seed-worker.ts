import { parentPort, workerData } from "node:worker_threads";
import { type Plant, plant } from "./plant.ts";
import type { Violation } from "./violation.ts";

/** What a worker is started with. Seeds are taken from `from` on, every `stride`th, `count` in all. */
export type SeedWork = Readonly<{
	from: number;
	count: number;
	stride: number;
	steps: number;
	/** A bug to put into the product first. */
	plant?: Plant | undefined;
}>;

/** What a worker tells of each seed. */
export type SeedReport = Readonly<{
	seed: number;
	tasks: number;
	portCalls: number;
	faultyCalls: number;
	webhookCalls: number;
	violations: readonly Violation[];
}>;

const { from, count, stride, steps, plant: bug } = workerData as SeedWork;

// Before anything of the product is loaded.
if (bug) plant(bug);
const { drawPlan } = await import("./plan.ts");
const { simulate } = await import("./simulation.ts");

for (let n = 0; n < count; n += 1) {
	const seed = from + n * stride;
	const { tasks, portCalls, faultyCalls, webhookCalls, violations } = await simulate(drawPlan(seed, steps));
	const report: SeedReport = { seed, tasks, portCalls, faultyCalls, webhookCalls, violations };
	parentPort?.postMessage(report);
}
