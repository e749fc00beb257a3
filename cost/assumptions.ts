import { readFileSync } from "node:fs";

/**
 * How long calls are taken to last at least, in milliseconds: what no emulator can tell. They decide the duration of
 * invocations only, never the number of anything.
 */
export const ASSUMED_MS = { dynamoDb: 5, sqs: 10, scheduler: 30, kms: 10, webhook: 200 } as const;

/** The memory of a function as the stack deploys it. */
const memoryIn = (construct: string): number => {
	const text = readFileSync(new URL(`../lib/${construct}.ts`, import.meta.url), "utf8");
	const [found, ...more] = text.matchAll(/memoryMiB: (\d+)/g);
	if (!found || more.length > 0) throw new Error(`lib/${construct}.ts does not say memoryMiB exactly once`);
	return Number(found[1]);
};

export type FunctionMemory = Readonly<{ api: number; deliver: number; work: number }>;

/** MiB of the functions that a task passes through. */
export const functionMemory = (): FunctionMemory => ({
	api: memoryIn("task-api"),
	deliver: memoryIn("delivery-pipeline"),
	work: memoryIn("work-pipeline"),
});
