import { BatchWriteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DynamoTaskStore } from "../../lambda/adapters/aws/dynamo-task-store.ts";
import { itemBytes, WRITE_UNIT_BYTES } from "../../lambda/adapters/aws/item-size.ts";
import { toAttributes } from "../../lambda/adapters/aws/item-values.ts";
import { toTaskItems } from "../../lambda/adapters/aws/task-item.ts";
import { sideBySide } from "../../lambda/core/side-by-side.ts";
import type { Task } from "../../lambda/core/task.ts";
import type { AttemptResult } from "../../lambda/ports.ts";
import { CapacityMeter } from "../support/capacity-meter.ts";
import {
	type DynamoDbLocal,
	hasDynamoDbLocal,
	patient,
	startDynamoDbLocal,
} from "../support/dynamodb-local.ts";
import { claimOf, done, failedAttempt, keyOf, makeActive, resultOf } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

const SMALL_QUEUE = 1_000;
/** Raise it to see that 100,000 make no difference either; it only takes longer to fill. */
const LARGE_QUEUE = 20_000;

const payloadOf = (bytes: number): string => JSON.stringify({ text: "x".repeat(bytes - 11) });

/** As large as tasks of real teams are. */
const realisticTask = (changes: Partial<Task> = {}): Task =>
	uniqueTask({
		teamId: "acme",
		keyId: "key_01JD8Z5W3Q4R6T7Y8U9I0O1P2A",
		webhookUrl: "https://api.example.com/webhooks/asyncqueue/orders",
		payload: payloadOf(200),
		...changes,
	});

const finish = { completedAt: NOON + 90, expiresAt: NOON + 90 + 7 * 86_400_000 };
const success: AttemptResult["next"] = { status: "completed", ...finish };
const succeeded = { status: "success", responseCode: 200, error: null, responseBody: "ok" } as const;
const shortFailure = { responseCode: 503, error: "http_503", responseBody: "Service Unavailable" };

const batches = <T>(items: readonly T[], size: number): T[][] =>
	Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

vi.setConfig(patient);

describe.skipIf(!hasDynamoDbLocal())("what tasks cost on DynamoDB", () => {
	let dynamoDb: DynamoDbLocal;
	let client: DynamoDBClient;
	let tableName: string;
	let store: DynamoTaskStore;
	let meter: CapacityMeter;

	beforeAll(async () => {
		dynamoDb = await startDynamoDbLocal();
		({ client, tableName } = await dynamoDb.createTable());
		store = new DynamoTaskStore({ client, tableName });
		meter = new CapacityMeter(client);
	});
	afterAll(() => dynamoDb?.stop());

	const recordNext = async (task: Task, next: AttemptResult["next"], changes = {}): Promise<Task> => {
		const active = await done(store.claim(claimOf(task)));
		return done(store.recordAttempt(resultOf(active, next, changes)));
	};

	it("is three writes and no read for a task that succeeds at once", async () => {
		const task = realisticTask();
		expect(await meter.of(() => store.put(task))).toEqual({ wru: 1, rru: 0 });
		expect(await meter.of(() => recordNext(task, success, succeeded))).toEqual({ wru: 2, rru: 0 });
	});

	it.each([1, 4, 100, 250])(
		"is at most n + 1 writes more for a payload of %i KB, and only once",
		async (kilobytes) => {
			const task = realisticTask({ payload: payloadOf(kilobytes * 1_024) });
			const { wru } = await meter.of(() => store.put(task));
			expect(wru).toBeLessThanOrEqual(1 + kilobytes + 1);
			const pending = { status: "pending", dueAt: NOON } as const;
			const retried = await meter.of(() => recordNext(task, pending, shortFailure));
			expect(retried.wru).toBe(2);
			const read = Math.ceil(kilobytes / 4) + 1;
			expect(retried.rru).toBeLessThanOrEqual(read / 2);
			const second = { ...task, attempt: 2 };
			expect((await meter.of(() => recordNext(second, success, succeeded))).wru).toBe(2);
		},
	);

	it("is two writes for each of the attempts that default settings allow", async () => {
		let task = realisticTask();
		await store.put(task);
		const costs: number[] = [];
		for (let attempt = 1; attempt <= 3; attempt += 1) {
			const next = { status: "pending", dueAt: NOON } as const;
			const { wru } = await meter.of(async () => {
				task = await recordNext(task, next, shortFailure);
			});
			costs.push(wru);
		}
		expect(costs).toEqual([2, 2, 2]);
		const next = { status: "failed", ...finish } as const;
		// The index of failed tasks, and older attempts that move out.
		expect((await meter.of(() => recordNext(task, next, shortFailure))).wru).toBeLessThanOrEqual(4);
	});

	it("is less than two and a half writes on average for a failed attempt, however many there are", async () => {
		let task = realisticTask();
		await store.put(task);
		const { wru } = await meter.of(async () => {
			for (let attempt = 1; attempt <= 21; attempt += 1)
				task = await recordNext(task, { status: "pending", dueAt: NOON }, shortFailure);
		});
		expect(wru / 21).toBeLessThan(2.5);
	});

	it("begins a second write where the size of an item says so", async () => {
		const { item } = toTaskItems(
			realisticTask({ attempts: [failedAttempt(1)], delay: 90, dueAt: NOON + 90_000 }),
		);
		const put = (bytes: number) => {
			const padding = "x".repeat(bytes - itemBytes(item) - "padding".length);
			const Item = toAttributes({ ...item, sk: String(bytes).padStart(item.sk.length, "0"), padding });
			return client.send(new PutItemCommand({ TableName: tableName, Item }));
		};
		expect((await meter.of(() => put(WRITE_UNIT_BYTES))).wru).toBe(1);
		expect((await meter.of(() => put(WRITE_UNIT_BYTES + 1))).wru).toBe(2);
	});

	it("is one write to cancel, and two for what the index of failed tasks sees", async () => {
		const task = realisticTask();
		await store.put(task);
		expect(await meter.of(() => store.cancel(keyOf(task), finish))).toEqual({ wru: 1, rru: 0 });
		const active = await makeActive(store, realisticTask());
		const failed = { status: "failed", ...finish } as const;
		const fail = () => store.recordAttempt(resultOf(active, failed, shortFailure));
		expect(await meter.of(fail)).toEqual({ wru: 2, rru: 0 });
		expect(await meter.of(() => store.reopen(keyOf(active), NOON))).toEqual({ wru: 2, rru: 0 });
	});

	it("is one read unit to show a task", async () => {
		const task = realisticTask();
		await store.put(task);
		expect(await meter.of(() => store.get(keyOf(task)))).toEqual({ wru: 0, rru: 1 });
	});

	it("does not grow with the queue for a page of 20", async () => {
		const fill = async (count: number): Promise<string> => {
			const teamId = uniqueTeam();
			const tasks = Array.from({ length: count }, () => realisticTask({ teamId, queue: "orders" }));
			const requests = tasks.map((task) => ({ PutRequest: { Item: toAttributes(toTaskItems(task).item) } }));
			await sideBySide(batches(requests, 25), 16, (batch) =>
				client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: batch } })),
			);
			return teamId;
		};
		const page = async (teamId: string) => {
			const { rru } = await meter.of(async () => {
				const { tasks, hasMore } = await store.list({ teamId, queue: "orders", limit: 20 });
				expect([tasks.length, hasMore]).toEqual([20, true]);
			});
			return rru;
		};
		const [small, large] = [await page(await fill(SMALL_QUEUE)), await page(await fill(LARGE_QUEUE))];
		expect(Math.abs(large - small)).toBeLessThanOrEqual(1);
		expect(large).toBeLessThanOrEqual(8);
	});
});
