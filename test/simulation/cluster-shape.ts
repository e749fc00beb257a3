import { AWS_FLOW_LIMITS } from "../../lambda/adapters/aws/flow-limits.ts";
import type { FlowLimits } from "../../lambda/core/flow-control.ts";
import { EMBEDDED_FLOW_LIMITS } from "../../local/runners.ts";
import type { TimePrecision } from "./model/time-precision.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** How the service is set up in a run. */
export type ClusterShape = Readonly<{
	precision: TimePrecision;
	flowLimits: FlowLimits;
	/** Processes for each of the functions; one process for all of them when `isOneProcess`. */
	api: number;
	deliver: number;
	work: number;
	isOneProcess: boolean;
	batchSize: number;
	/** How far the clocks of processes differ from the true time, at most. */
	maxClockOffsetMs: number;
}>;

/** The embedded server: everything in one process. */
const embeddedShape = (random: SeededRandom): ClusterShape => ({
	precision: "embedded",
	flowLimits: EMBEDDED_FLOW_LIMITS,
	api: 1,
	deliver: 1,
	work: 1,
	isOneProcess: true,
	batchSize: random.pick([1, 10]),
	maxClockOffsetMs: 0,
});

/** Lambda functions: every process makes one invocation at a time, and remembers on its own. */
const fleetShape = (random: SeededRandom): ClusterShape => ({
	precision: "aws",
	flowLimits: random.chance(0.7) ? AWS_FLOW_LIMITS : { pumpSeats: random.pick([1, 2, 4]) },
	api: random.int(2, 6),
	deliver: random.int(1, 6),
	work: random.int(1, 6),
	isOneProcess: false,
	batchSize: random.pick([1, 3, 10]),
	maxClockOffsetMs: random.pick([0, 0, 20, 100]),
});

export const drawClusterShape = (random: SeededRandom): ClusterShape =>
	random.chance(0.25) ? embeddedShape(random) : fleetShape(random);
