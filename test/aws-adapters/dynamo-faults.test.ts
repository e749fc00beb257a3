import {
	ConditionalCheckFailedException,
	DynamoDBClient,
	GetItemCommand,
	InternalServerError,
	ProvisionedThroughputExceededException,
	PutItemCommand,
	QueryCommand,
	RequestLimitExceeded,
	ThrottlingException,
	TransactionCanceledException,
	TransactionConflictException,
	TransactWriteItemsCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { DynamoIdempotencyStore } from "../../lambda/adapters/aws/dynamo-idempotency-store.ts";
import { DynamoKeyStore } from "../../lambda/adapters/aws/dynamo-key-store.ts";
import { DynamoQueueStore } from "../../lambda/adapters/aws/dynamo-queue-store.ts";
import { DynamoTaskStore } from "../../lambda/adapters/aws/dynamo-task-store.ts";
import { toAttributes } from "../../lambda/adapters/aws/item-values.ts";
import { toTaskItems } from "../../lambda/adapters/aws/task-item.ts";
import { AsyncQueueError } from "../../lambda/core/errors.ts";
import { claimOf, keyOf } from "../support/task-transitions.ts";
import { uniqueApiKey, uniqueSecret } from "../support/unique-api-keys.ts";
import { NOON, uniqueTask } from "../support/unique-tasks.ts";

const details = { message: "from AWS", $metadata: {} };
const timeout = Object.assign(new Error("no answer within 3 s"), { name: "TimeoutError" });
const refused = Object.assign(new Error("not authorized"), {
	name: "AccessDeniedException",
	$fault: "client",
});

const canceled = (...codes: string[]) =>
	new TransactionCanceledException({ ...details, CancellationReasons: codes.map((Code) => ({ Code })) });

const unavailable = expect.objectContaining({ name: "AsyncQueueError", code: "unavailable" });

describe("faults of DynamoDB", () => {
	const client = new DynamoDBClient({ region: "us-east-1" });
	const table = { client, tableName: "tasks" };
	const tasks = new DynamoTaskStore(table);
	const keys = new DynamoKeyStore(table);
	const mock = mockClient(client);
	const task = uniqueTask();
	const item = toAttributes(toTaskItems(task).item);

	beforeEach(() => mock.reset());

	const faults = [
		["throttling of a table", new ProvisionedThroughputExceededException(details)],
		["throttling of an account", new RequestLimitExceeded(details)],
		["throttling", new ThrottlingException(details)],
		["an internal error", new InternalServerError(details)],
		["no answer", timeout],
	] as const;

	it.each(faults)("become `unavailable` with their cause: %s", async (_, fault) => {
		mock.onAnyCommand().rejects(fault);
		const calls = [
			tasks.put(task),
			tasks.get(keyOf(task)),
			tasks.claim(claimOf(task)),
			tasks.cancel(keyOf(task), { completedAt: NOON, expiresAt: NOON }),
			tasks.remove(keyOf(task)),
			tasks.list({ teamId: task.teamId, limit: 20 }),
			tasks.findStalled(NOON),
			keys.put(uniqueApiKey()),
			new DynamoQueueStore(table).get(task.teamId, task.queue),
		];
		for (const result of await Promise.allSettled(calls)) {
			expect(result).toMatchObject({ status: "rejected", reason: { code: "unavailable", cause: fault } });
			expect((result as PromiseRejectedResult).reason).toBeInstanceOf(AsyncQueueError);
		}
	});

	it("do not pass for `unavailable` when repeating does not help", async () => {
		mock.onAnyCommand().rejects(refused);
		await expect(tasks.get(keyOf(task))).rejects.toThrow(refused);
	});

	it("do not keep a request from being answered when only its time was to be noted", async () => {
		mock.on(UpdateItemCommand).rejects(timeout);
		await expect(keys.touch("acme", "key_1", NOON)).resolves.toBeUndefined();
		mock.on(UpdateItemCommand).rejects(refused);
		await expect(keys.touch("acme", "key_1", NOON)).rejects.toThrow(refused);
	});

	describe("failed conditions", () => {
		const failed = (attempts: number) =>
			new ConditionalCheckFailedException({ ...details, $metadata: { attempts }, Item: item });

		it("are values, with the item as it is", async () => {
			mock.on(UpdateItemCommand).rejects(failed(1));
			expect(await tasks.claim(claimOf(task))).toEqual({ done: false, task });
			mock.on(PutItemCommand).rejects(failed(1));
			expect(await tasks.put(task)).toBe("exists");
		});

		it("are a success when a repeated request met its own effect", async () => {
			const claim = claimOf(task);
			const Item = { ...item, ...toAttributes({ status: "active", lease_until: claim.leaseUntil }) };
			const own = (attempts: number) =>
				new ConditionalCheckFailedException({ ...details, $metadata: { attempts }, Item });
			mock.on(UpdateItemCommand).rejectsOnce(own(2)).rejectsOnce(own(1));
			expect(await tasks.claim(claim)).toMatchObject({ done: true, task: { status: "active" } });
			expect(await tasks.claim(claim)).toMatchObject({ done: false, task: { status: "active" } });
		});

		it("are a success when a repeated release met its own effect, not when it met the next attempt", async () => {
			const release = { ...keyOf(task), attempt: 1, leaseUntil: NOON };
			const met = (attempt: number) =>
				new ConditionalCheckFailedException({
					...details,
					$metadata: { attempts: 2 },
					Item: { ...item, ...toAttributes({ attempt }) },
				});
			mock.on(UpdateItemCommand).rejectsOnce(met(1)).rejectsOnce(met(2)).rejectsOnce(failed(1));
			expect(await tasks.release(release)).toEqual({ done: true, task });
			expect(await tasks.release(release)).toMatchObject({ done: false, task: { attempt: 2 } });
			expect(await tasks.release(release)).toEqual({ done: false, task });
		});

		it("without an item leave the new record standing", async () => {
			mock.on(PutItemCommand).rejects(new ConditionalCheckFailedException(details));
			const record = {
				teamId: "acme",
				key: "order-1",
				fingerprint: "f",
				taskId: "task_1",
				createdAt: NOON,
				maxRetries: 3,
				expiresAt: NOON + 1,
			};
			expect(await new DynamoIdempotencyStore(table).reserve(record, NOON)).toEqual(record);
		});
	});

	describe("conflicts with a transaction", () => {
		it("are waited out", async () => {
			mock.on(TransactWriteItemsCommand).rejectsOnce(canceled("TransactionConflict", "None")).resolves({});
			await expect(keys.put(uniqueApiKey())).resolves.toBeUndefined();
			mock.on(UpdateItemCommand).rejectsOnce(new TransactionConflictException(details)).resolves({});
			await expect(keys.touch("acme", "key_1", NOON)).resolves.toBeUndefined();
			expect(mock.calls()).toHaveLength(4);
		});

		it("become `unavailable` when they do not end", async () => {
			mock.on(TransactWriteItemsCommand).rejects(canceled("None", "TransactionConflict"));
			await expect(keys.put(uniqueApiKey())).rejects.toEqual(unavailable);
		});

		it("are no reason to try again when a condition has failed as well", async () => {
			const reasons = canceled("TransactionConflict", "ConditionalCheckFailed");
			mock.on(TransactWriteItemsCommand).rejects(reasons);
			await expect(keys.put(uniqueApiKey())).rejects.toThrow("belongs to another API key");
			expect(mock.calls()).toHaveLength(1);
		});

		it("pass other reasons of a cancelled transaction on", async () => {
			mock.on(TransactWriteItemsCommand).rejects(canceled("ValidationError"));
			await expect(keys.put(uniqueApiKey())).rejects.toBeInstanceOf(TransactionCanceledException);
		});
	});

	describe("rotating an API key", () => {
		const key = uniqueApiKey();
		const { secrets, ...plain } = {
			secrets: key.secrets.map(({ hash, prefix, ciphertext }) => ({ hash, prefix, ciphertext })),
			name: key.name,
			mode: key.mode,
			created_at: key.createdAt,
			sk: key.id,
		};

		beforeEach(() => mock.on(GetItemCommand).resolves({ Item: toAttributes({ ...plain, secrets }) }));

		it("gives up when it loses every race", async () => {
			mock.on(TransactWriteItemsCommand).rejects(canceled("ConditionalCheckFailed", "None"));
			await expect(
				keys.rotate(key.teamId, key.id, uniqueSecret(), { from: NOON, until: NOON }),
			).rejects.toEqual(unavailable);
		});

		it("does not take over the secret of another key", async () => {
			mock.on(TransactWriteItemsCommand).rejects(canceled("None", "ConditionalCheckFailed"));
			const rotation = keys.rotate(key.teamId, key.id, uniqueSecret(), { from: NOON, until: NOON });
			await expect(rotation).rejects.toThrow("belongs to another API key");
		});
	});

	describe("a payload that is gone", () => {
		const { payload: _, ...withoutPayload } = item;

		it("is read again in full before it is given up", async () => {
			const parts = [{ sk: { S: "payload" }, payload: { S: '{"late":1}' }, expires_at: { N: "9e9" } }];
			mock.on(QueryCommand).resolvesOnce({ Items: [] }).resolvesOnce({ Items: parts });
			mock.on(UpdateItemCommand).resolves({ Attributes: withoutPayload });
			expect(await tasks.claim(claimOf(task))).toMatchObject({ task: { payload: '{"late":1}' } });
			const reads = mock.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input.ConsistentRead);
			expect(reads).toEqual([false, true]);
		});

		it("cannot be delivered, but can be shown", async () => {
			mock.on(QueryCommand).resolves({ Items: [] });
			mock.on(UpdateItemCommand).resolves({ Attributes: withoutPayload });
			await expect(tasks.claim(claimOf(task))).rejects.toThrow(`The payload of ${task.id} is gone`);
			mock.on(GetItemCommand).resolves({ Item: withoutPayload });
			expect(await tasks.get(keyOf(task))).toMatchObject({ payload: "null" });
		});
	});
});
