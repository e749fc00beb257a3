import type { SQSBatchResponse, SQSRecord } from "aws-lambda";

/**
 * What SQS is told of a batch: only messages whose result is a rejection come back (`ReportBatchItemFailures`), so
 * that one failure does not repeat its neighbours. `results` are in the order of the records.
 */
export const batchResponse = (
	records: readonly SQSRecord[],
	results: readonly PromiseSettledResult<void>[],
	postponed: (messageId: string, error: unknown) => void,
): SQSBatchResponse => ({
	batchItemFailures: records.flatMap(({ messageId }, index) => {
		const result = results[index];
		if (result?.status !== "rejected") return [];
		postponed(messageId, result.reason);
		return [{ itemIdentifier: messageId }];
	}),
});
