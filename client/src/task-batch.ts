import { AsyncQueueApiError } from "./errors.ts";
import type { BatchResult, NewTask } from "./task.ts";

/** What the API takes in one request. */
const MAX_TASKS = 100;
const MAX_BYTES = 4_194_304;

const MAX_KEY_LENGTH = 255;

/** Of the members around the tasks. */
const ENVELOPE_BYTES = 64;

const encoder = new TextEncoder();

const bytesOf = (task: unknown): number => encoder.encode(JSON.stringify(task)).length + 1;

/** The tasks, in order, in as few requests as the API's limits allow: one that is larger than that is alone. */
const chunksOf = <Payload extends object>(
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

type BatchRequest<Payload extends object> = Readonly<{
	idempotencyKey: string;
	tasks: readonly NewTask<Payload>[];
}>;

/**
 * What to send for `tasks`, each request with a key of its own. Throws a TypeError for a key that is too long for the
 * last of them: the first ones would already have created tasks.
 */
export const batchRequestsOf = <Payload extends object>(
	tasks: readonly NewTask<Payload>[],
	idempotencyKey: string,
): readonly BatchRequest<Payload>[] => {
	const chunks = chunksOf(tasks);
	const suffixOf = (index: number): string => (index > 0 ? `/${index}` : "");
	const longest = MAX_KEY_LENGTH - suffixOf(chunks.length - 1).length;
	if (idempotencyKey.length > longest)
		throw new TypeError(
			`idempotencyKey must have ${longest} characters at most, as ${chunks.length} requests are needed`,
		);
	return chunks.map((chunk, index) => ({
		idempotencyKey: idempotencyKey + suffixOf(index),
		tasks: chunk,
	}));
};

/** What became of the only task of a request that was too large: no request can be about it. */
export const tooLargeAlone = (
	{ tasks }: BatchRequest<object>,
	error: unknown,
): Extract<BatchResult, { task?: undefined }> | undefined => {
	const isTooLarge = error instanceof AsyncQueueApiError && error.status === 413;
	if (!isTooLarge || tasks.length !== 1) return undefined;
	return { status: error.status, error: error.message, code: error.code };
};
