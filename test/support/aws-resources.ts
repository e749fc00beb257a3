import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import {
	ChangeMessageVisibilityCommand,
	CreateQueueCommand,
	DeleteMessageCommand,
	DeleteQueueCommand,
	type Message,
	ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { AwsClients } from "../../lambda/adapters/aws/clients.ts";
import { dynamoTable } from "../../lambda/adapters/aws/dynamo-table.ts";
import { VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";

/** A table with the keys of ours, but without its index. Returns its name. */
export const createTable = async (dynamodb: AwsClients["dynamodb"], TableName: string): Promise<string> => {
	const { partitionKey, sortKey } = dynamoTable;
	await dynamodb.send(
		new CreateTableCommand({
			TableName,
			BillingMode: "PAY_PER_REQUEST",
			KeySchema: [
				{ AttributeName: partitionKey, KeyType: "HASH" },
				{ AttributeName: sortKey, KeyType: "RANGE" },
			],
			AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
				AttributeName,
				AttributeType: "S",
			})),
		}),
	);
	return TableName;
};

/** Lanes as the stack deploys them, and what SQS would tell Lambda about the messages in them. */
export class Lanes {
	readonly urls: Readonly<Record<"high" | "normal" | "low", string>>;
	readonly #sqs: AwsClients["sqs"];
	readonly #hidden = new Map<string, { QueueUrl: string; ReceiptHandle: string }>();

	static async create(sqs: AwsClients["sqs"], name: string): Promise<Lanes> {
		const lane = async (suffix: string): Promise<string> => {
			const Attributes = { VisibilityTimeout: String(VISIBILITY_SECONDS) };
			const command = new CreateQueueCommand({ QueueName: `${name}-${suffix}`, Attributes });
			return (await sqs.send(command)).QueueUrl ?? "";
		};
		return new Lanes(sqs, {
			high: await lane("high"),
			normal: await lane("normal"),
			low: await lane("low"),
		});
	}

	private constructor(sqs: AwsClients["sqs"], urls: Lanes["urls"]) {
		this.#sqs = sqs;
		this.urls = urls;
	}

	/** Everything that is visible now. */
	async receive(): Promise<Message[]> {
		const received: Message[] = [];
		for (const QueueUrl of Object.values(this.urls)) {
			for (;;) {
				const { Messages = [] } = await this.#sqs.send(
					new ReceiveMessageCommand({
						QueueUrl,
						MaxNumberOfMessages: 10,
						MessageSystemAttributeNames: ["All"],
					}),
				);
				for (const { MessageId = "", ReceiptHandle = "" } of Messages)
					this.#hidden.set(MessageId, { QueueUrl, ReceiptHandle });
				received.push(...Messages);
				if (Messages.length === 0) break;
			}
		}
		return received;
	}

	async delete(messageIds: readonly string[]): Promise<void> {
		for (const id of messageIds) {
			const hidden = this.#hidden.get(id);
			if (hidden) await this.#sqs.send(new DeleteMessageCommand(hidden));
			this.#hidden.delete(id);
		}
	}

	async returnReceived(): Promise<void> {
		for (const hidden of this.#hidden.values())
			await this.#sqs.send(new ChangeMessageVisibilityCommand({ ...hidden, VisibilityTimeout: 0 }));
		this.#hidden.clear();
	}

	async close(): Promise<void> {
		for (const QueueUrl of Object.values(this.urls))
			await this.#sqs.send(new DeleteQueueCommand({ QueueUrl }));
	}
}
