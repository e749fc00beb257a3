import { GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DynamoQueueStore } from "../../lambda/adapters/aws/dynamo-queue-store.ts";
import { DynamoTaskStore } from "../../lambda/adapters/aws/dynamo-task-store.ts";
import { itemBytes, WRITE_UNIT_BYTES } from "../../lambda/adapters/aws/item-size.ts";
import { fromAttributes, type Item, toAttributes } from "../../lambda/adapters/aws/item-values.ts";
import { taskItemKey } from "../../lambda/adapters/aws/table-keys.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import type { Task } from "../../lambda/core/task.ts";
import type { AttemptResult } from "../../lambda/ports.ts";
import {
	type DynamoDbLocal,
	hasDynamoDbLocal,
	patient,
	startDynamoDbLocal,
	type TestTable,
} from "../support/dynamodb-local.ts";
import { ForgetfulHttpHandler } from "../support/forgetful-http-handler.ts";
import { claimOf, done, keyOf, makeActive, makeFinal, resultOf } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

const DAY_MS = 86_400_000;
const LONG_PAYLOAD = JSON.stringify({ text: "x".repeat(5_000) });
const again: AttemptResult["next"] = { status: "pending", dueAt: NOON };
const finish = { completedAt: NOON, expiresAt: NOON + 30 * DAY_MS };
const failed: AttemptResult["next"] = { status: "failed", ...finish };

const inDays = (days: number): number => (NOON + days * DAY_MS) / 1_000;

vi.setConfig(patient);

describe.skipIf(!hasDynamoDbLocal())("tasks in DynamoDB", () => {
	let dynamoDb: DynamoDbLocal;
	let table: TestTable;
	let store: DynamoTaskStore;

	beforeAll(async () => {
		dynamoDb = await startDynamoDbLocal();
		table = await dynamoDb.createTable();
		store = new DynamoTaskStore(table);
	});
	afterAll(() => dynamoDb?.stop());

	const itemOf = async (task: Task): Promise<Item> => {
		const key = taskItemKey(keyOf(task));
		const { Item: item = {} } = await table.client.send(
			new GetItemCommand({ TableName: table.tableName, Key: toAttributes(key ?? {}) }),
		);
		return fromAttributes(item);
	};

	const overflowOf = async (task: Task): Promise<Item[]> => {
		const { Items = [] } = await table.client.send(
			new QueryCommand({
				TableName: table.tableName,
				KeyConditionExpression: "pk = :pk",
				ExpressionAttributeValues: { ":pk": { S: `P#${task.id}` } },
			}),
		);
		return Items.map(fromAttributes);
	};

	describe("a claim that another process has taken over", () => {
		it.each([5, 1_000])("refuses the result of the first, whose answer had %i characters", async (length) => {
			const body = "x".repeat(length);
			const other = new DynamoTaskStore(table);
			const stale = await makeActive(store, uniqueTask());
			const taken = await done(other.claim(claimOf(stale, { now: stale.leaseUntil as number })));
			const result = resultOf(stale, failed, { responseBody: `first ${body}` });
			expect(await store.recordAttempt(result)).toEqual({ done: false, task: taken });
			await other.recordAttempt(resultOf(taken, again, { responseBody: body }));
			const { attempts } = (await store.get(keyOf(stale))) as Task;
			expect(attempts.map(({ responseBody }) => responseBody)).toEqual([body]);
		});
	});

	it("leaves nothing of a result whose claim was given back", async () => {
		const active = await makeActive(store, uniqueTask());
		const { attempt, leaseUntil = 0 } = active;
		const released = await done(store.release({ ...keyOf(active), attempt, leaseUntil }));
		const result = resultOf(active, failed, { responseBody: "x".repeat(1_000) });
		expect(await store.recordAttempt(result)).toEqual({ done: false, task: released });
		expect(await overflowOf(active)).toEqual([]);
	});

	describe("what does not fit into an item", () => {
		it("keeps rounds of retries with long answers, and the item within one write unit", async () => {
			// Half of the results come from a process that has not made the claim.
			const recorders = [store, new DynamoTaskStore(table)];
			const attemptNext = async (task: Task, responseBody: string): Promise<Task> => {
				const active = await done(store.claim(claimOf(task)));
				const next = task.attempt % 11 === 0 ? failed : again;
				const recorder = recorders[task.attempt % 2] ?? store;
				const recorded = await done(recorder.recordAttempt(resultOf(active, next, { responseBody })));
				expect(itemBytes(await itemOf(task))).toBeLessThanOrEqual(WRITE_UNIT_BYTES);
				return next === failed ? done(store.reopen(keyOf(task), NOON)) : recorded;
			};
			let task = uniqueTask({ payload: LONG_PAYLOAD });
			await store.put(task);
			const bodies = Array.from({ length: 22 }, (_, index) =>
				String(index).repeat(index % 3 === 0 ? 500 : 5),
			);
			for (const body of bodies) task = await attemptNext(task, body);
			expect(task.attempts.map(({ responseBody }) => responseBody)).toEqual(bodies);
			expect(task).toMatchObject({ attempt: 23, attemptsBefore: 22, payload: LONG_PAYLOAD });
			expect(await store.get(keyOf(task))).toEqual(task);
			expect((await overflowOf(task)).length).toBeLessThan(bodies.length);
		});

		it("keeps a URL of 2,048 characters", async () => {
			const task = uniqueTask({ webhookUrl: `https://example.com/${"x".repeat(2_028)}` });
			const active = await makeActive(store, task);
			expect(active).toMatchObject({ webhookUrl: task.webhookUrl, payload: task.payload });
			expect(itemBytes(await itemOf(task))).toBeLessThanOrEqual(WRITE_UNIT_BYTES);
		});

		it("leaves no payload behind when a task is taken back", async () => {
			const task = uniqueTask({ payload: LONG_PAYLOAD });
			await store.put(task);
			await store.remove(keyOf(task));
			expect(await overflowOf(task)).toEqual([]);
		});
	});

	describe("expiry", () => {
		it.each(["completed", "failed"] as const)(
			"deletes a %s task when it may, rounded up to the second, and not before it is finished",
			async (status) => {
				const task = uniqueTask();
				const active = await makeActive(store, task);
				expect(await itemOf(task)).not.toHaveProperty("expires_at");
				const exact = { completedAt: NOON + 1, expiresAt: NOON + 9 * DAY_MS + 1 };
				const ended = await done(store.recordAttempt(resultOf(active, { status, ...exact })));
				expect(ended).toMatchObject(exact);
				expect(await store.get(keyOf(task))).toEqual(ended);
				const { expires_at, ...rest } = await itemOf(task);
				expect(expires_at).toBe(inDays(9) + 1);
				expect(Object.values(rest)).not.toContain(exact.expiresAt);
			},
		);

		it("keeps a task that was reopened, and dates one that was closed or cancelled", async () => {
			const task = await makeFinal(store, uniqueTask(), "failed");
			const { attempt, expiresAt } = await done(store.reopen(keyOf(task), NOON));
			expect(expiresAt).toBeUndefined();
			const reopened = await itemOf(task);
			expect(reopened).not.toHaveProperty("expires_at");
			expect(reopened).not.toHaveProperty("failed_sk");
			await store.close(keyOf(task), attempt, finish);
			expect(await itemOf(task)).toMatchObject({ expires_at: inDays(30) });
			await store.reopen(keyOf(task), NOON);
			await store.cancel(keyOf(task), { completedAt: NOON, expiresAt: NOON + 7 * DAY_MS });
			expect(await itemOf(task)).toMatchObject({ expires_at: inDays(7) });
		});

		it("does not take the end of its payload for the end of a task", async () => {
			const task = uniqueTask({ payload: LONG_PAYLOAD });
			await store.put(task);
			expect(await store.get(keyOf(task))).toEqual(task);
			expect(await store.claim(claimOf(task))).not.toHaveProperty("task.expiresAt");
		});

		it("keeps a payload for 70 days after the task is due, and longer for one that is claimed late", async () => {
			const task = uniqueTask({ payload: LONG_PAYLOAD, dueAt: NOON + DAY_MS });
			await store.put(task);
			const expiry = async () => (await overflowOf(task)).map(({ expires_at }) => expires_at);
			expect(await expiry()).toEqual([inDays(71)]);
			await store.claim(claimOf(task, { now: NOON + 21 * DAY_MS }));
			expect(await expiry()).toEqual([inDays(71)]);
			await store.claim(claimOf(task, { now: NOON + 40 * DAY_MS }));
			expect(await expiry()).toEqual([inDays(110)]);
		});
	});

	describe("lists", () => {
		it("tell two queues apart that share their partitions", async () => {
			const teamId = uniqueTeam();
			const queues = new DynamoQueueStore(table);
			const tasks = ["queue-561", "queue-16911", "queue-561"].map((queue) => uniqueTask({ teamId, queue }));
			for (const task of tasks) {
				await queues.create({
					teamId,
					name: task.queue,
					settings: defaultQueueSettings,
					createdAt: NOON,
					updatedAt: NOON,
				});
				await makeFinal(store, task, "failed");
			}
			const [first, second, third] = tasks.map(({ id }) => id);
			const found = async (queue?: string, status?: "failed") =>
				(await store.list({ teamId, queue, status, limit: 10 })).tasks.map(({ id }) => id);
			expect(await found("queue-561")).toEqual([third, first]);
			expect(await found("queue-16911", "failed")).toEqual([second]);
			expect(await found()).toEqual([third, second, first]);
		});
	});

	describe("an answer that is lost on its way", () => {
		const http = new ForgetfulHttpHandler();
		let forgetful: DynamoTaskStore;

		beforeAll(() => {
			const client = dynamoDb.connect({ requestHandler: http });
			forgetful = new DynamoTaskStore({ ...table, client });
		});
		beforeEach(() => http.loseNextAnswer());

		it("does not cost a claim", async () => {
			const task = uniqueTask();
			await store.put(task);
			const claim = claimOf(task);
			const claimed = await done(forgetful.claim(claim));
			expect(claimed).toMatchObject({ status: "active", leaseUntil: claim.leaseUntil });
			expect(await forgetful.claim(claim)).toMatchObject({ done: false });
		});

		it("does not cost a result", async () => {
			const active = await makeActive(store, uniqueTask());
			const pending = await done(forgetful.recordAttempt(resultOf(active, again)));
			expect(pending).toMatchObject({ status: "pending", attempt: 2, attempts: [{ number: 1 }] });
			expect(await store.get(keyOf(active))).toEqual(pending);
			expect(await forgetful.recordAttempt(resultOf(active, again))).toMatchObject({ done: false });
		});

		it("does not cost a cancellation", async () => {
			const task = uniqueTask();
			await store.put(task);
			expect(await done(forgetful.cancel(keyOf(task), finish))).toMatchObject({ status: "cancelled" });
		});

		it("does not cost a retry, nor the end of one", async () => {
			const task = await makeFinal(store, uniqueTask(), "failed");
			expect(await done(forgetful.reopen(keyOf(task), NOON + 9))).toMatchObject({
				attempt: 2,
				attemptsBefore: 1,
			});
			http.loseNextAnswer();
			expect(await done(forgetful.close(keyOf(task), 2, finish))).toMatchObject({ status: "failed" });
		});

		it("does not turn somebody else's claim into one's own", async () => {
			const active = await makeActive(store, uniqueTask());
			const other = claimOf(active, { leaseUntil: NOON + 1 });
			expect(await forgetful.claim(other)).toEqual({ done: false, task: active });
		});
	});
});
