import { AsyncQueueError } from "../core/errors.ts";
import { validate } from "../core/faults.ts";
import { NewTask } from "../core/new-task.ts";
import type { Principal } from "../core/principal.ts";
import type { Ports } from "../ports.ts";
import { type CreatedTask, createdTask, dispatchStored, type StoredTask, storeTask } from "./create-task.ts";

export type CreateTaskBatch = Readonly<{
	principal: Principal;
	/** Unvalidated, so that a bad item fails alone. */
	items: readonly unknown[];
	/** Covers every item: item i is remembered under `<key>#<i>`. */
	idempotencyKey?: string | undefined;
	traceparent?: string | undefined;
}>;

/** One item's result, in the order of the request. */
export type BatchResult = CreatedTask | AsyncQueueError;

const storeItem = async (
	ports: Ports,
	{ principal, idempotencyKey, traceparent }: CreateTaskBatch,
	item: unknown,
	index: number,
): Promise<StoredTask | AsyncQueueError> => {
	try {
		return await storeTask(ports, {
			principal,
			newTask: validate(NewTask, item),
			idempotencyKey: idempotencyKey && `${idempotencyKey}#${index}`,
			traceparent,
		});
	} catch (error) {
		if (error instanceof AsyncQueueError) return error;
		ports.log.error("task.store_failed", { index, error });
		return new AsyncQueueError("unavailable", "The task could not be stored; please try again");
	}
};

/** Accepts up to 100 tasks; each stands alone, but all are put on their way together. */
export const createTaskBatch = async (ports: Ports, batch: CreateTaskBatch): Promise<BatchResult[]> => {
	const results = await Promise.all(batch.items.map((item, index) => storeItem(ports, batch, item, index)));
	const stored = results.filter((result): result is StoredTask => !(result instanceof AsyncQueueError));
	await dispatchStored(ports, stored, batch.idempotencyKey !== undefined);
	return results.map((result) => (result instanceof AsyncQueueError ? result : createdTask(result)));
};
