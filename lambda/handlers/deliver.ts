import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { DeliveryMessage } from "../core/delivery-message.ts";
import type { Ports } from "../ports.ts";
import { ClaimHeldError, deliverTask } from "../usecases/deliver-task.ts";

export type DeliverHandler = (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>;

/** Anything that is no delivery message throws, comes back, and ends in the dead-letter queue instead of vanishing. */
const deliverRecord = async (ports: Ports, { body }: SQSRecord): Promise<void> =>
	deliverTask(ports, DeliveryMessage.parse(JSON.parse(body)));

/**
 * The delivery queue's consumer. The calls of a batch run side by side; only messages that must come back are
 * reported (`ReportBatchItemFailures`), so that one failure does not repeat its neighbours.
 */
export const deliverHandler = (ports: Ports): DeliverHandler =>
	middy<SQSEvent, SQSBatchResponse>({ timeoutEarlyInMillis: 0 }).handler(async ({ Records }: SQSEvent) => {
		const results = await Promise.allSettled(Records.map((record) => deliverRecord(ports, record)));
		const batchItemFailures = Records.flatMap(({ messageId }, index) => {
			const result = results[index];
			if (result?.status !== "rejected") return [];
			const level = result.reason instanceof ClaimHeldError ? "debug" : "error";
			ports.log[level]("delivery.postponed", { message_id: messageId, error: result.reason });
			return [{ itemIdentifier: messageId }];
		});
		return { batchItemFailures };
	}) as DeliverHandler;
