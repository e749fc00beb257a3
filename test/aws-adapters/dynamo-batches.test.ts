import {
	BatchWriteItemCommand,
	type BatchWriteItemCommandInput,
	DynamoDBClient,
	InternalServerError,
	type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { type BatchedWrite, writeInBatches } from "../../lambda/adapters/aws/dynamo-batches.ts";

const client = new DynamoDBClient({ region: "us-east-1" });
const table = { client, tableName: "tasks" };
const mock = mockClient(client);

const put = (sk: number | string, n = 0): BatchedWrite => ({ put: { pk: "p", sk: String(sk), n } });
const puts = (count: number): BatchedWrite[] => Array.from({ length: count }, (_, index) => put(index));

const calls = (): WriteRequest[][] =>
	mock.commandCalls(BatchWriteItemCommand).map(({ args }) => args[0].input.RequestItems?.["tasks"] ?? []);

/** Takes all but the last request of every call, and all of one that has no more than one, if it may. */
const takeAllButOne = (isLastTaken: boolean) => async (input: BatchWriteItemCommandInput) => {
	const requests = input.RequestItems?.["tasks"] ?? [];
	const left = requests.length === 1 && isLastTaken ? [] : requests.slice(-1);
	return left.length > 0 ? { UnprocessedItems: { tasks: left } } : {};
};

beforeEach(() => {
	mock.reset();
	mock.on(BatchWriteItemCommand).resolves({});
});

describe("writing in batches", () => {
	it("writes 25 items to a call", async () => {
		await writeInBatches(table, puts(60));
		expect(calls().map(({ length }) => length)).toEqual([25, 25, 10]);
		expect(calls().flat()).toHaveLength(60);
	});

	it("says what to put and what to delete", async () => {
		await writeInBatches(table, [put("a", 1), { delete: { pk: "p", sk: "b" } }]);
		expect(calls()).toEqual([
			[
				{ PutRequest: { Item: { pk: { S: "p" }, sk: { S: "a" }, n: { N: "1" } } } },
				{ DeleteRequest: { Key: { pk: { S: "p" }, sk: { S: "b" } } } },
			],
		]);
	});

	it("names every item once, as DynamoDB demands, by its last write", async () => {
		await writeInBatches(table, [put("a", 1), put("b", 2), put("a", 3)]);
		expect(
			calls()
				.flat()
				.map(({ PutRequest }) => PutRequest?.Item?.["n"]?.N),
		).toEqual(["3", "2"]);
	});

	it("sends what was left over again, and nothing else", async () => {
		mock.on(BatchWriteItemCommand).callsFake(takeAllButOne(true));
		await writeInBatches(table, puts(3));
		expect(calls().map(({ length }) => length)).toEqual([3, 1]);
		expect(calls()[1]).toEqual(calls()[0]?.slice(-1));
	});

	it("does not go on for ever: what cannot be written makes it unavailable", async () => {
		mock.on(BatchWriteItemCommand).callsFake(takeAllButOne(false));
		await expect(writeInBatches(table, puts(2))).rejects.toMatchObject({
			code: "unavailable",
			cause: expect.objectContaining({ message: "DynamoDB left 1 of 2 items unwritten" }),
		});
		expect(calls()).toHaveLength(6);
	});

	it("becomes unavailable with DynamoDB", async () => {
		mock.on(BatchWriteItemCommand).rejects(new InternalServerError({ message: "no", $metadata: {} }));
		await expect(writeInBatches(table, puts(2))).rejects.toMatchObject({ code: "unavailable" });
	});

	it("calls nobody for nothing", async () => {
		await writeInBatches(table, []);
		expect(calls()).toEqual([]);
	});
});
