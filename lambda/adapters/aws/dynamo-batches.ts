import { setTimeout as sleep } from "node:timers/promises";
import { BatchWriteItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { AsyncQueueError } from "../../core/errors.ts";
import { sideBySide } from "../../core/side-by-side.ts";
import { callDynamo } from "./dynamo-calls.ts";
import type { TableAccess } from "./dynamo-items.ts";
import { type Item, toAttributes } from "./item-values.ts";
import type { ItemKey } from "./table-keys.ts";

/** A write without a condition. */
export type BatchedWrite = Readonly<{ put: Item & ItemKey } | { delete: ItemKey }>;

/** Items of one BatchWriteItem (API reference). */
const MAX_ITEMS = 25;

const PARALLEL_BATCHES = 8;

/** Pauses before what was left over is sent again. The SDK retries failed requests, never single items. */
const RETRY_PAUSES_MS = [50, 100, 200, 400, 800];

const keyOf = (write: BatchedWrite): ItemKey => ("put" in write ? write.put : write.delete);

const toRequest = (write: BatchedWrite): WriteRequest => {
	if ("put" in write) return { PutRequest: { Item: toAttributes(write.put) } };
	const { pk, sk } = write.delete;
	return { DeleteRequest: { Key: toAttributes({ pk, sk }) } };
};

/** The last write of each item: DynamoDB refuses a batch that names one twice. */
const lastOfEach = (writes: readonly BatchedWrite[]): BatchedWrite[] => [
	...new Map(writes.map((write) => [`${keyOf(write).pk} ${keyOf(write).sk}`, write])).values(),
];

const writeBatch = async (
	{ client, tableName }: TableAccess,
	requests: readonly WriteRequest[],
): Promise<void> => {
	let left = requests;
	for (const pause of [0, ...RETRY_PAUSES_MS]) {
		// Not all at the same time again: what throttles them is what they share.
		if (pause > 0) await sleep(pause * (0.5 + Math.random()));
		const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: [...left] } });
		const { UnprocessedItems } = await callDynamo(() => client.send(command));
		left = UnprocessedItems?.[tableName] ?? [];
		if (left.length === 0) return;
	}
	throw new AsyncQueueError("unavailable", "AsyncQueue is temporarily unavailable; please try again", {
		headers: { "retry-after": "1" },
		cause: new Error(`DynamoDB left ${left.length} of ${requests.length} items unwritten`),
	});
};

/**
 * Makes many writes, 25 to a call. Each costs what it costs alone, and it is not all or none: when this throws, some
 * may have been made.
 */
export const writeInBatches = async (table: TableAccess, writes: readonly BatchedWrite[]): Promise<void> => {
	const requests = lastOfEach(writes).map(toRequest);
	const batches = Array.from({ length: Math.ceil(requests.length / MAX_ITEMS) }, (_, index) =>
		requests.slice(index * MAX_ITEMS, (index + 1) * MAX_ITEMS),
	);
	await sideBySide(batches, PARALLEL_BATCHES, (batch) => writeBatch(table, batch));
};
