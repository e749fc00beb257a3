import { type Fault, type FaultPlan, faultsOf, type PortCall } from "./fault.ts";
import { type RunResult, simulate } from "./simulation.ts";
import type { Story } from "./use-case-stories.ts";

/** One way in which one port call of a story goes wrong. */
export type SingleFault = Readonly<{ story: Story; call: PortCall; fault: Fault }>;

const planOf = ({ call, fault }: SingleFault): FaultPlan => {
	return ({ ordinal }) => (ordinal === call.ordinal ? fault : undefined);
};

/** Everything that can go wrong once in a story: each of its port calls, in each way. */
export const singleFaults = async (story: Story): Promise<SingleFault[]> => {
	const calls: PortCall[] = [];
	await simulate(story.plan, {
		faults: (call) => {
			calls.push(call);
			return undefined;
		},
	});
	return calls.flatMap((call) => faultsOf(call.method).map((fault) => ({ story, call, fault })));
};

/** Tells the story with this one fault, to its end. */
export const simulateFault = (single: SingleFault, isTraced = false): Promise<RunResult> =>
	simulate(single.story.plan, { faults: planOf(single), isTraced });
