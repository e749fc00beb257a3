import { hash } from "node:crypto";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import type { ReceivedMessage } from "../lambda/adapters/embedded/sqlite-message-queue.ts";

/** What SQS tells about a message. */
type SentMessage = Omit<ReceivedMessage, "teamId" | "queue">;

const QUEUE_ARN = "arn:aws:sqs:local:000000000000:delivery";

const toRecord = (message: SentMessage): SQSRecord => ({
	messageId: message.messageId,
	receiptHandle: message.messageId,
	body: message.body,
	attributes: {
		ApproximateReceiveCount: String(message.receiveCount),
		SentTimestamp: String(message.sentAt),
		SenderId: "local",
		ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
	},
	messageAttributes: {},
	// Worked out when somebody looks: our handler does not, and it is done for every message.
	get md5OfBody() {
		return hash("md5", message.body, "hex");
	},
	eventSource: "aws:sqs",
	eventSourceARN: QUEUE_ARN,
	awsRegion: "local",
});

/** What Lambda's event source mapping makes of a batch of messages. */
export const toSqsEvent = (messages: readonly SentMessage[]): SQSEvent => ({
	Records: messages.map(toRecord),
});
