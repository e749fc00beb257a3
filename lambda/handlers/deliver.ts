import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Ports } from "../ports.ts";
import { deliverBatch } from "../usecases/deliver-batch.ts";
import { ClaimHeldError } from "../usecases/deliver-task.ts";

export type DeliverHandler = (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>;

/**
 * The delivery queue's consumer. Only messages that must come back are reported (`ReportBatchItemFailures`), so that
 * one failure does not repeat its neighbours. What is no delivery message comes back too, and ends in the dead-letter
 * queue instead of vanishing.
 */
export const deliverHandler = (ports: Ports): DeliverHandler =>
	middy<SQSEvent, SQSBatchResponse>({ timeoutEarlyInMillis: 0 }).handler(async ({ Records }: SQSEvent) => {
		const bodies = Records.map(({ body }) => body);
		const results = await deliverBatch(ports, bodies);
		const batchItemFailures = Records.flatMap(({ messageId }, index) => {
			const result = results[index];
			if (result?.status !== "rejected") return [];
			const level = result.reason instanceof ClaimHeldError ? "debug" : "error";
			ports.log[level]("delivery.postponed", { message_id: messageId, error: result.reason });
			return [{ itemIdentifier: messageId }];
		});
		return { batchItemFailures };
	}) as DeliverHandler;
