import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { readMessage } from "../core/message-text.ts";
import { WorkMessage } from "../core/work-message.ts";
import type { Ports } from "../ports.ts";
import { advanceJob } from "../usecases/advance-job.ts";
import { pumpQueue } from "../usecases/pump-queue.ts";
import { batchResponse } from "./batch-response.ts";

export type WorkHandler = (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>;

/** Anything that is no work message throws, comes back, and ends in the dead-letter queue instead of vanishing. */
const workRecord = (ports: Ports, { body, attributes }: SQSRecord): Promise<void> => {
	const message = readMessage(WorkMessage, body);
	if (message.kind === "job") return advanceJob(ports, message);
	return pumpQueue(ports, message, Number(attributes.ApproximateReceiveCount) > 1);
};

/** The work queue's consumer. */
export const workHandler =
	(ports: Ports): WorkHandler =>
	async ({ Records }) => {
		const results = await Promise.allSettled(Records.map(async (record) => workRecord(ports, record)));
		return batchResponse(Records, results, (messageId, error) =>
			ports.log.error("work.postponed", { message_id: messageId, error }),
		);
	};
