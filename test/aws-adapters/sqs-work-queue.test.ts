import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { SqsWorkQueue } from "../../lambda/adapters/aws/sqs-work-queue.ts";
import type { PumpMessage } from "../../lambda/core/work-message.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const queueUrl = "https://sqs/1/work";

const sqs = mockClient(SQSClient);
const queue = new SqsWorkQueue({ client: new SQSClient({}), queueUrl, clock: { now: () => NOW } });

const pump = (due_at = NOW, name = "emails"): PumpMessage => ({
	kind: "pump",
	team_id: "acme",
	queue: name,
	due_at,
});

beforeEach(() => {
	sqs.reset();
	sqs.on(SendMessageCommand).resolves({});
	sqs.on(SendMessageBatchCommand).resolves({});
});

describe("the work queue on SQS", () => {
	it("takes a message that is alone as it is, in the group of its tenant", async () => {
		await queue.send([pump()]);
		const [call] = sqs.commandCalls(SendMessageCommand);
		expect(call?.args[0].input).toEqual({
			QueueUrl: queueUrl,
			MessageBody: JSON.stringify(pump()),
			DelaySeconds: 0,
			MessageGroupId: "acme/emails",
		});
	});

	it("takes several in batches of ten", async () => {
		await queue.send(Array.from({ length: 12 }, (_, index) => pump(NOW, `queue-${index}`)));
		const inputs = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
		expect(inputs.map(({ QueueUrl, Entries }) => [QueueUrl, Entries?.length])).toEqual([
			[queueUrl, 10],
			[queueUrl, 2],
		]);
		expect(inputs[1]?.Entries?.[1]).toMatchObject({ MessageGroupId: "acme/queue-11" });
	});

	it.each([
		["overdue", -1, 0],
		["due in a millisecond", 1, 1],
		["due a little later than in a second", 1_001, 2],
		["due in an hour", 3_600_000, 900],
	])("delays what is %s by whole seconds, and never by more than SQS can", async (_, inMs, seconds) => {
		await queue.send([pump(NOW + inMs)]);
		const [call] = sqs.commandCalls(SendMessageCommand);
		expect(call?.args[0].input.DelaySeconds).toBe(seconds);
	});

	it("has nothing to send without messages", async () => {
		await queue.send([]);
		expect(sqs.calls()).toEqual([]);
	});
});
