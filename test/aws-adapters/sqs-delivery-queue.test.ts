import {
	type BatchResultErrorEntry,
	SendMessageBatchCommand,
	type SendMessageBatchCommandInput,
	SendMessageCommand,
	SQSClient,
} from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { SqsDeliveryQueue } from "../../lambda/adapters/aws/sqs-delivery-queue.ts";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const queueUrls = { high: "https://sqs/1/high", normal: "https://sqs/1/normal", low: "https://sqs/1/low" };

const sqs = mockClient(SQSClient);
const queue = new SqsDeliveryQueue({
	client: new SQSClient({}),
	queueUrls,
	clock: { now: () => NOW },
});

beforeEach(() => {
	sqs.reset();
	sqs.on(SendMessageCommand).resolves({});
	sqs.on(SendMessageBatchCommand).resolves({});
});

const message = (overrides: Partial<DeliveryMessage> = {}): DeliveryMessage => ({
	team_id: "acme",
	task_id: "task_1",
	queue: "emails",
	priority: 5,
	attempt: 1,
	due_at: NOW,
	...overrides,
});
const messages = (count: number): DeliveryMessage[] =>
	Array.from({ length: count }, (_, index) => message({ task_id: `task_${index}` }));
const sent = () => sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
const batches = () => sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
const taskIds = ({ Entries }: SendMessageBatchCommandInput): string[] =>
	(Entries ?? []).map(({ MessageBody }) => JSON.parse(MessageBody ?? "").task_id);
const refusal = (Id: string, SenderFault = false): BatchResultErrorEntry => ({
	Id,
	SenderFault,
	Code: SenderFault ? "InvalidMessageContents" : "InternalError",
});

describe("a single message", () => {
	it("is sent as it is, with its group", async () => {
		await queue.send([message()]);
		expect(sent()).toEqual([
			{
				QueueUrl: queueUrls.normal,
				MessageBody: JSON.stringify(message()),
				DelaySeconds: 0,
				MessageGroupId: "acme/emails",
			},
		]);
		expect(batches()).toEqual([]);
	});

	it.each([
		[10, "high"],
		[8, "high"],
		[7, "normal"],
		[4, "normal"],
		[3, "low"],
		[1, "low"],
	] as const)("of priority %i takes the %s lane", async (priority, lane) => {
		await queue.send([message({ priority })]);
		expect(sent()).toMatchObject([{ QueueUrl: queueUrls[lane] }]);
	});

	it.each([
		["overdue", -60_000, 0],
		["due now", 0, 0],
		["due in a millisecond", 1, 1],
		["due in a second", 1_000, 1],
		["due a little later", 1_001, 2],
		["as late as SQS can wait", 900_000, 900],
		["later than that", 900_001, 900],
	])("that is %s waits whole seconds, never too few", async (_, inMs, seconds) => {
		await queue.send([message({ due_at: NOW + inMs })]);
		expect(sent()).toMatchObject([{ DelaySeconds: seconds }]);
	});

	it.each([
		["too long", "t".repeat(64), "q".repeat(64)],
		["of characters that SQS refuses", "équipe", "emails"],
	])("gets a hashed group when its own would be %s", async (_, team_id, name) => {
		await queue.send([message({ team_id, queue: name })]);
		expect(sent()).toMatchObject([{ MessageGroupId: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
	});

	it("is an error when SQS does not take it", async () => {
		sqs.on(SendMessageCommand).rejects(new Error("throttled"));
		await expect(queue.send([message()])).rejects.toThrow("throttled");
	});
});

describe("several messages", () => {
	it("go in batches of ten", async () => {
		await queue.send(messages(25));
		expect(batches().map(({ Entries }) => Entries?.length)).toEqual([10, 10, 5]);
		expect(batches().flatMap(taskIds)).toEqual(messages(25).map(({ task_id }) => task_id));
		expect(batches()[0]?.Entries?.[0]).toMatchObject({ DelaySeconds: 0, MessageGroupId: "acme/emails" });
	});

	it("go to the lanes of their priorities", async () => {
		await queue.send([9, 1, 10, 3, 5].map((priority) => message({ priority })));
		expect(batches().map(({ QueueUrl, Entries }) => [QueueUrl, Entries?.length])).toEqual([
			[queueUrls.high, 2],
			[queueUrls.low, 2],
		]);
		expect(sent().map(({ QueueUrl }) => QueueUrl)).toEqual([queueUrls.normal]);
	});

	it("need no call when there are none", async () => {
		await queue.send([]);
		expect(sqs.calls()).toHaveLength(0);
	});
});

describe("a batch that SQS takes in part", () => {
	it("is completed by sending the refused entries again", async () => {
		sqs
			.on(SendMessageBatchCommand)
			.resolvesOnce({ Failed: [refusal("1"), refusal("3"), refusal("4")] })
			.resolvesOnce({ Failed: [refusal("2")] })
			.resolves({});
		await queue.send(messages(5));
		expect(batches().map(taskIds)).toEqual([
			["task_0", "task_1", "task_2", "task_3", "task_4"],
			["task_1", "task_3", "task_4"],
			["task_4"],
		]);
	});

	it("is an error when entries are refused three times", async () => {
		sqs.on(SendMessageBatchCommand).resolves({ Failed: [refusal("0")] });
		await expect(queue.send(messages(2))).rejects.toThrow("SQS refused 1 of 2 messages: InternalError");
		expect(batches()).toHaveLength(3);
	});

	it("is an error at once when an entry itself is wrong", async () => {
		sqs.on(SendMessageBatchCommand).resolves({ Failed: [refusal("0", true)] });
		await expect(queue.send(messages(2))).rejects.toThrow("InvalidMessageContents");
		expect(batches()).toHaveLength(1);
	});

	it("is an error only after the other batches are through", async () => {
		const done: string[] = [];
		sqs.on(SendMessageBatchCommand).callsFake(async ({ QueueUrl }: SendMessageBatchCommandInput) => {
			if (QueueUrl === queueUrls.high) throw new Error("timeout");
			await new Promise((resolve) => setTimeout(resolve, 20));
			done.push(QueueUrl ?? "");
			return {};
		});
		const mixed = [9, 9, 1, 1].map((priority) => message({ priority }));
		await expect(queue.send(mixed)).rejects.toThrow("timeout");
		expect(done).toEqual([queueUrls.low]);
	});
});
