import type { NewTask } from "./task.ts";

/** What the API takes in one request. */
const MAX_TASKS = 100;
const MAX_BYTES = 4_194_304;

/** Of the members around the tasks. */
const ENVELOPE_BYTES = 64;

const encoder = new TextEncoder();

const bytesOf = (task: unknown): number => encoder.encode(JSON.stringify(task)).length + 1;

/** The tasks, in order, in as few requests as the API's limits allow. */
export const chunksOf = <Payload extends object>(
	tasks: readonly NewTask<Payload>[],
): readonly NewTask<Payload>[][] => {
	const chunks: NewTask<Payload>[][] = [];
	let room = 0;
	for (const task of tasks) {
		const bytes = bytesOf(task);
		const last = chunks.at(-1);
		if (last && last.length < MAX_TASKS && bytes <= room) last.push(task);
		else {
			chunks.push([task]);
			room = MAX_BYTES - ENVELOPE_BYTES;
		}
		room -= bytes;
	}
	return chunks;
};
