import type { SubjectName } from "./subject.ts";

/** The loads in the order in which they are run, with what they are put on. */
export const loads = {
	throughput: ["product", "floor"],
	paced: ["product", "floor"],
	delay: ["product", "floor"],
	memory: ["product"],
	crash: ["product"],
	neighbour: ["product"],
	neighbourFleet: ["product"],
	rate: ["product"],
	concurrency: ["product"],
	redrive: ["product"],
} as const satisfies Record<string, readonly SubjectName[]>;

export type LoadName = keyof typeof loads;

export const isLoadName = (text: string): text is LoadName => Object.hasOwn(loads, text);
