import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Ports } from "../ports.ts";
import { deliverBatch } from "../usecases/deliver-batch.ts";
import { ClaimHeldError } from "../usecases/deliver-task.ts";
import { batchResponse } from "./batch-response.ts";

export type DeliverHandler = (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>;

/**
 * The delivery queue's consumer. What is no delivery message comes back, and ends in the dead-letter queue instead of
 * vanishing.
 */
export const deliverHandler = (ports: Ports): DeliverHandler =>
	middy<SQSEvent, SQSBatchResponse>({ timeoutEarlyInMillis: 0 }).handler(async ({ Records }: SQSEvent) => {
		const bodies = Records.map(({ body }) => body);
		const results = await deliverBatch(ports, bodies);
		return batchResponse(Records, results, (messageId, error) => {
			const level = error instanceof ClaimHeldError ? "debug" : "error";
			ports.log[level]("delivery.postponed", { message_id: messageId, error });
		});
	}) as DeliverHandler;
