import { AsyncQueueError } from "../core/errors.ts";
import { validate } from "../core/faults.ts";
import { NewTask } from "../core/new-task.ts";
import { serializePayload } from "../core/new-task-record.ts";
import type { Principal } from "../core/principal.ts";
import type { TraceContext } from "../core/trace-context.ts";
import type { Ports } from "../ports.ts";
import { type CreatedTask, createdTask, dispatchStored, type StoredTask, storeTask } from "./create-task.ts";

export type CreateTaskBatch = Readonly<{
	principal: Principal;
	/** Unvalidated, so that a bad item fails alone. */
	items: readonly unknown[];
	/** Covers every item: item i is remembered under `<key>#<i>`. */
	idempotencyKey?: string | undefined;
	trace?: TraceContext | undefined;
}>;

/** The answer shows every payload, and has to fit into Lambda's 6 MB: numbers such as 1e20 are longer there. */
const MAX_PAYLOAD_BYTES = 4_194_304;

/** One item's result, in the order of the request. */
export type BatchResult = CreatedTask | AsyncQueueError;

/** Validates items one after the other, as long as their payloads are not too large together. */
const itemReader = () => {
	let bytes = 0;
	return (item: unknown): NewTask => {
		const task = validate(NewTask, item);
		bytes += Buffer.byteLength(serializePayload(task.payload));
		if (bytes <= MAX_PAYLOAD_BYTES) return task;
		throw new AsyncQueueError(
			"payload_too_large",
			`The payloads of a batch are at most ${MAX_PAYLOAD_BYTES} bytes of JSON together`,
		);
	};
};

const storeItem = async (
	ports: Ports,
	{ principal, idempotencyKey, trace }: CreateTaskBatch,
	read: () => NewTask,
	index: number,
): Promise<StoredTask | AsyncQueueError> => {
	try {
		return await storeTask(ports, {
			principal,
			newTask: read(),
			idempotencyKey: idempotencyKey && `${idempotencyKey}#${index}`,
			trace,
		});
	} catch (error) {
		if (error instanceof AsyncQueueError) return error;
		ports.log.error("task.store_failed", { index, error });
		return new AsyncQueueError("unavailable", "The task could not be stored; please try again");
	}
};

/** Accepts up to 100 tasks; each stands alone, but all are put on their way together. */
export const createTaskBatch = async (ports: Ports, batch: CreateTaskBatch): Promise<BatchResult[]> => {
	const read = itemReader();
	const results = await Promise.all(
		batch.items.map((item, index) => storeItem(ports, batch, () => read(item), index)),
	);
	const stored = results.filter((result): result is StoredTask => !(result instanceof AsyncQueueError));
	await dispatchStored(ports, stored, batch.idempotencyKey !== undefined);
	return results.map((result) => (result instanceof AsyncQueueError ? result : createdTask(result)));
};
