import {
	BatchWriteItemCommand,
	PutItemCommand,
	QueryCommand,
	ScanCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DynamoTaskStore } from "../../lambda/adapters/aws/dynamo-task-store.ts";
import { fromAttributes, type Item, toAttributes } from "../../lambda/adapters/aws/item-values.ts";
import { toTaskItems } from "../../lambda/adapters/aws/task-item.ts";
import { sideBySide } from "../../lambda/core/side-by-side.ts";
import type { Task } from "../../lambda/core/task.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { CapacityMeter } from "../support/capacity-meter.ts";
import {
	type DynamoDbLocal,
	hasDynamoDbLocal,
	patient,
	startDynamoDbLocal,
	type TestTable,
} from "../support/dynamodb-local.ts";
import { claimOf, done, keyOf, makeFinal, resultOf } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

const DAY_MS = 86_400_000;
const LONG_PAYLOAD = JSON.stringify({ text: "x".repeat(5_000) });

const day = (days: number): number => NOON + days * DAY_MS;
const inDays = (days: number): number => day(days) / 1_000;

vi.setConfig(patient);

describe.skipIf(!hasDynamoDbLocal())("walks over tasks in DynamoDB", () => {
	let dynamoDb: DynamoDbLocal;
	let table: TestTable;
	let clock: VirtualClock;
	let store: DynamoTaskStore;
	let meter: CapacityMeter;

	beforeAll(async () => {
		dynamoDb = await startDynamoDbLocal();
		table = await dynamoDb.createTable();
		clock = new VirtualClock(NOON);
		store = new DynamoTaskStore(table, clock);
		meter = new CapacityMeter(table.client);
	});
	afterAll(() => dynamoDb?.stop());

	const overflowOf = async ({ id }: Task): Promise<Item[]> => {
		const { Items = [] } = await table.client.send(
			new QueryCommand({
				TableName: table.tableName,
				KeyConditionExpression: "pk = :pk",
				ExpressionAttributeValues: { ":pk": { S: `P#${id}` } },
			}),
		);
		return Items.map(fromAttributes);
	};
	const expiriesOf = async (task: Task) => (await overflowOf(task)).map(({ expires_at }) => expires_at);

	/** A walk over the whole table, as it is made every day. */
	const walkOn = async (days: number): Promise<void> => {
		let cursor: string | undefined;
		do {
			const { nextCursor } = await store.findStalled(day(days), cursor);
			cursor = nextCursor;
		} while (cursor !== undefined);
	};

	const aLargeTask = async (): Promise<Task> => {
		const task = uniqueTask({ payload: LONG_PAYLOAD });
		await store.put(task);
		return task;
	};

	const finished = async (keptUntil: number): Promise<Task> => {
		const active = await done(store.claim(claimOf(await aLargeTask())));
		const finish = { completedAt: NOON, expiresAt: keptUntil };
		const body = { responseBody: "x".repeat(1_000) };
		return done(store.recordAttempt(resultOf(active, { status: "failed", ...finish }, body)));
	};

	describe("the daily walk keeps payloads and attempts", () => {
		it("of a task that waits for months", async () => {
			const task = await aLargeTask();
			await walkOn(55);
			expect(await expiriesOf(task)).toEqual([inDays(70)]);
			await walkOn(57);
			expect(await expiriesOf(task)).toEqual([inDays(57 + 70)]);
			await walkOn(57 + 57);
			expect(await expiriesOf(task)).toEqual([inDays(57 + 57 + 70)]);
		});

		it("of a finished task that is kept longer than they would be", async () => {
			const task = await finished(day(365));
			expect(await expiriesOf(task)).toEqual([inDays(70), inDays(70)]);
			await walkOn(57);
			expect(await expiriesOf(task)).toEqual([inDays(370), inDays(370)]);
			expect(await store.get(keyOf(task))).toEqual(task);
		});

		it("until its last day, should one have failed for some time", async () => {
			const task = await aLargeTask();
			await walkOn(69.9);
			expect(await expiriesOf(task)).toEqual([inDays(69.9 + 70)]);
		});

		it("but not of a task that goes before them, or is gone", async () => {
			const short = await finished(day(65));
			const gone = await aLargeTask();
			await store.cancel(keyOf(gone), { completedAt: NOON, expiresAt: NOON });
			const parts = await overflowOf(gone);
			await store.erase(keyOf(gone));
			expect(await overflowOf(gone)).toEqual([]);
			const [left = {}] = parts;
			await table.client.send(new PutItemCommand({ TableName: table.tableName, Item: toAttributes(left) }));
			await walkOn(57);
			expect(await expiriesOf(short)).toEqual([inDays(70), inDays(70)]);
			expect(await expiriesOf(gone)).toEqual([inDays(70)]);
		});

		it("and lets those of an older version alone, which do not say whose they are, until a claim says it", async () => {
			const task = await aLargeTask();
			await table.client.send(
				new UpdateItemCommand({
					TableName: table.tableName,
					Key: toAttributes({ pk: `P#${task.id}`, sk: "payload" }),
					UpdateExpression: "REMOVE team_id",
				}),
			);
			await walkOn(57);
			expect(await expiriesOf(task)).toEqual([inDays(70)]);
			await store.claim(claimOf(task, { now: day(60) }));
			expect(await expiriesOf(task)).toEqual([inDays(130)]);
			await walkOn(117);
			expect(await expiriesOf(task)).toEqual([inDays(117 + 70)]);
		});

		it("at the price of a scan, as long as nothing has stalled and nothing ends", async () => {
			await aLargeTask();
			const scan = new ScanCommand({ TableName: table.tableName });
			const { rru } = await meter.of(() => table.client.send(scan));
			expect(await meter.of(() => walkOn(-1))).toEqual({ wru: 0, rru });
		});
	});

	describe("queues that share their partitions", () => {
		it("are walked and counted apart", async () => {
			const teamId = uniqueTeam();
			const tasksOf = (queue: string) => [uniqueTask({ teamId, queue }), uniqueTask({ teamId, queue })];
			const [one, other] = [tasksOf("queue-561"), tasksOf("queue-16911")];
			for (const [pending, failed] of [one, other]) {
				await store.put(pending as Task);
				await makeFinal(store, failed as Task, "failed");
			}
			const queue = { teamId, name: "queue-561" };
			const found = async (status: "pending" | "failed") =>
				(await store.walk(queue, status)).tasks.map(({ id }) => id);
			expect(await found("pending")).toEqual([one[0]?.id]);
			expect(await found("failed")).toEqual([one[1]?.id]);
			expect(await store.count(queue)).toMatchObject({
				pending: { count: 1, exact: true },
				active: { count: 0, exact: true },
				failed: { count: 1, exact: true },
			});
		});
	});

	describe("counting a large queue", () => {
		const TASKS = 8_400;
		const queue = { teamId: uniqueTeam(), name: "emails" };
		beforeAll(async () => {
			const requests = Array.from({ length: TASKS }, () => {
				const task = uniqueTask({ teamId: queue.teamId });
				return { PutRequest: { Item: toAttributes(toTaskItems(task).item) } };
			});
			const batches = Array.from({ length: TASKS / 25 }, (_, i) => requests.slice(i * 25, (i + 1) * 25));
			await sideBySide(batches, 16, (batch) =>
				table.client.send(new BatchWriteItemCommand({ RequestItems: { [table.tableName]: batch } })),
			);
		});

		it("stops at some 8,000, and says so", async () => {
			const { rru } = await meter.of(async () => {
				const { pending, active, failed } = await store.count(queue);
				expect(pending.exact).toBe(false);
				expect(pending.count).toBeGreaterThan(7_000);
				expect(pending.count).toBeLessThanOrEqual(8_000);
				expect(active).toMatchObject({ count: 0, exact: false });
				expect(failed).toEqual({ count: 0, exact: true, asOf: clock.now() });
			});
			expect(rru).toBeLessThan(600);
		});

		it("is remembered for ten seconds", async () => {
			const first = await store.count(queue);
			clock.advanceBy(9_999);
			const polls = await meter.of(async () => expect(await store.count(queue)).toEqual(first));
			expect(polls).toEqual({ wru: 0, rru: 0 });
			clock.advanceBy(1);
			expect((await store.count(queue)).pending.asOf).toBe(first.pending.asOf + 10_000);
		});
	});
});
