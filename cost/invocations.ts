import { billedMs, gbSeconds, type Invocation } from "./billed-units.ts";

/** Runs one invocation, with nothing beside it, as Lambda does. */
export const measured = async <Result>(
	work: () => Promise<Result>,
): Promise<{ result: Result; invocation: Invocation }> => {
	const cpuBefore = process.cpuUsage();
	const startedAt = performance.now();
	const result = await work();
	const wallMs = performance.now() - startedAt;
	const { user, system } = process.cpuUsage(cpuBefore);
	return { result, invocation: { wallMs, cpuMs: (user + system) / 1_000 } };
};

/** The middle one: what else a machine does makes some invocations slow, never one fast. */
export const median = (values: readonly number[]): number =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Invocations of one kind. `gbSeconds` is that of all of them, each taken to last as long as the middle one. */
export type InvocationFigures = Readonly<{
	invocations: number;
	wallMs: number;
	cpuMs: number;
	billedMs: number;
	gbSeconds: number;
}>;

export const invocationFigures = (
	invocations: readonly Invocation[],
	memoryMiB: number,
): InvocationFigures => {
	const billed = median(invocations.map((invocation) => billedMs(invocation, memoryMiB)));
	return {
		invocations: invocations.length,
		wallMs: median(invocations.map(({ wallMs }) => wallMs)),
		cpuMs: median(invocations.map(({ cpuMs }) => cpuMs)),
		billedMs: billed,
		gbSeconds: gbSeconds(billed, memoryMiB) * invocations.length,
	};
};

/** GB-seconds of invocations of which no two are alike: each as long as it was. */
export const totalGbSeconds = (invocations: readonly Invocation[], memoryMiB: number): number =>
	invocations.reduce((sum, invocation) => sum + gbSeconds(billedMs(invocation, memoryMiB), memoryMiB), 0);
