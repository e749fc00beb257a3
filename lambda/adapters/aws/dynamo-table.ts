/**
 * The one table that holds everything at rest, as plain data: the stack deploys it and the tests create it from here,
 * so neither can drift from what the stores expect. All key attributes are strings.
 *
 * The index holds failed tasks only: `failed_sk` exists on no other item, so no other write pays for it. It orders
 * them under the table's own partition key, which spreads a queue's failures over its shards as the table does. It
 * projects everything because an entry of up to 1 KB costs one write whatever it holds, and a page needs no second read.
 */
export const dynamoTable = {
	partitionKey: "pk",
	sortKey: "sk",
	/** Epoch seconds, on items that may be deleted. */
	timeToLiveAttribute: "expires_at",
	failedIndex: { indexName: "failed", partitionKey: "pk", sortKey: "failed_sk", projection: "ALL" },
} as const;
