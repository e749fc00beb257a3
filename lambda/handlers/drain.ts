import { hash } from "node:crypto";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { DeliveryMessage } from "../core/delivery-message.ts";
import { WorkMessage } from "../core/work-message.ts";
import type { Ports } from "../ports.ts";
import { drainMessage, drainWork } from "../usecases/drain-message.ts";

export type DrainHandler = (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>;

/** What EventBridge Scheduler puts into its dead-letter queue: the request of SendMessage that did not succeed. */
const FailedSend = z.object({ MessageBody: z.string() });

const parseJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

const AnyMessage = z.union([WorkMessage, DeliveryMessage]);
type AnyMessage = z.infer<typeof AnyMessage>;

const readMessage = (body: string): AnyMessage | undefined => {
	const json = parseJson(body);
	const wrapped = FailedSend.safeParse(json);
	return AnyMessage.safeParse(wrapped.success ? parseJson(wrapped.data.MessageBody) : json).data;
};

/** What the log says to tell one message from another. */
const fieldsOf = (message: AnyMessage) =>
	"kind" in message
		? { kind: message.kind, team_id: message.team_id, queue: message.queue }
		: { task_id: message.task_id, attempt: message.attempt };

/** False when the message must stay in the queue. */
const drainRecord = async (ports: Ports, { messageId, body }: SQSRecord): Promise<boolean> => {
	const message = readMessage(body);
	if (!message) {
		// It can be anything, a secret too: the log only helps to find and recognise it.
		const sha256 = hash("sha256", body, "hex");
		ports.log.error("drain.unreadable", { message_id: messageId, bytes: Buffer.byteLength(body), sha256 });
		return false;
	}
	const fields = { message_id: messageId, ...fieldsOf(message) };
	try {
		const result = "kind" in message ? await drainWork(ports, message) : await drainMessage(ports, message);
		ports.log.warn("drain.handled", { ...fields, result });
		return true;
	} catch (error) {
		ports.log.error("drain.failed", { ...fields, error });
		return false;
	}
};

/**
 * The consumer of the dead-letter queues. What cannot be read or handled now is reported as failed, so that SQS
 * itself moves it to the quarantine after a few receives: there it waits for a person, and nothing vanishes.
 */
export const drainHandler =
	(ports: Ports): DrainHandler =>
	async ({ Records }) => {
		const drained = await Promise.all(Records.map((record) => drainRecord(ports, record)));
		const failed = Records.filter((_, index) => !drained[index]);
		return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
	};
