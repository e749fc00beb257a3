/**
 * What can go wrong with one call of a port.
 *
 * - `error_before`: it fails and has had no effect. `error_after`: it fails and has had its effect.
 * - `timeout`, `timeout_after`: the same, and the caller learns it seconds later.
 * - `late_effect`, `late_answer`: it takes seconds until it has its effect, or until the answer comes.
 * - `twice`: it has its effect twice, as when a request is repeated because its answer was lost.
 * - `crash_before`, `crash_after`: the process that calls dies at this instant.
 * - `freeze`: the process stands still for a while after the effect.
 */
export type Fault =
	| "error_before"
	| "error_after"
	| "timeout"
	| "timeout_after"
	| "late_effect"
	| "late_answer"
	| "twice"
	| "crash_before"
	| "crash_after"
	| "freeze";

/** One call of a port. `ordinal` counts all calls of the run, from 0. */
export type PortCall = Readonly<{ ordinal: number; process: string; port: string; method: string }>;

/** Decides what goes wrong with a call, if anything. */
export type FaultPlan = (call: PortCall) => Fault | undefined;

const FAULTS_OF_READS = [
	"error_before",
	"timeout",
	"late_effect",
	"late_answer",
	"crash_before",
	"crash_after",
	"freeze",
] as const satisfies readonly Fault[];

const FAULTS_OF_WRITES = [
	...FAULTS_OF_READS,
	"error_after",
	"timeout_after",
] as const satisfies readonly Fault[];

const READS: ReadonlySet<string> = new Set([
	"get",
	"getFresh",
	"list",
	"findStalled",
	"findByHash",
	"walk",
	"count",
	"first",
	"read",
	"decrypt",
	"encrypt",
]);

/** Sends are repeated by the client of the queue when an answer is lost; nothing tells the copies apart. */
const REPEATED: ReadonlySet<string> = new Set(["send", "schedule"]);

/** What can go wrong with a call of this method. */
export const faultsOf = (method: string): readonly Fault[] => {
	if (READS.has(method)) return FAULTS_OF_READS;
	return REPEATED.has(method) ? [...FAULTS_OF_WRITES, "twice"] : FAULTS_OF_WRITES;
};

/** The error that a faulty call ends with. */
export class InjectedFault extends Error {
	override readonly name = "InjectedFault";
}
