import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DynamoJobStore } from "../../lambda/adapters/aws/dynamo-job-store.ts";
import { DynamoPumpSheetStore } from "../../lambda/adapters/aws/dynamo-pump-sheet-store.ts";
import { DynamoQueueStore } from "../../lambda/adapters/aws/dynamo-queue-store.ts";
import { DynamoTaskStore } from "../../lambda/adapters/aws/dynamo-task-store.ts";
import { DynamoWaitingLine } from "../../lambda/adapters/aws/dynamo-waiting-line.ts";
import { fromAttributes, type Item, toAttributes } from "../../lambda/adapters/aws/item-values.ts";
import { jobItemKey } from "../../lambda/adapters/aws/table-keys.ts";
import { EMPTY_SHEET } from "../../lambda/core/pump-sheet.ts";
import { defaultQueueSettings, type Queue } from "../../lambda/core/queue.ts";
import { CapacityMeter } from "../support/capacity-meter.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import {
	type DynamoDbLocal,
	hasDynamoDbLocal,
	patient,
	startDynamoDbLocal,
	type TestTable,
} from "../support/dynamodb-local.ts";
import { ForgetfulHttpHandler } from "../support/forgetful-http-handler.ts";
import { aJob } from "../support/jobs.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

const DAY_MS = 86_400_000;
const inDays = (days: number): number => (NOON + days * DAY_MS) / 1_000;

const aQueue = (changes: Partial<Queue> = {}): Queue => ({
	teamId: uniqueTeam(),
	name: "emails",
	settings: defaultQueueSettings,
	createdAt: NOON,
	updatedAt: NOON,
	...changes,
});

vi.setConfig(patient);

describe.skipIf(!hasDynamoDbLocal())("queues in DynamoDB", () => {
	let dynamoDb: DynamoDbLocal;
	let table: TestTable;
	let meter: CapacityMeter;
	/** The same table over a network that can lose answers. */
	let lossy: TestTable;
	const http = new ForgetfulHttpHandler();

	beforeAll(async () => {
		dynamoDb = await startDynamoDbLocal();
		table = await dynamoDb.createTable();
		meter = new CapacityMeter(table.client);
		lossy = { ...table, client: dynamoDb.connect({ requestHandler: http }) };
	});
	afterAll(() => dynamoDb?.stop());

	const itemAt = async (pk: string, sk: string): Promise<Item> => {
		const Key = toAttributes({ pk, sk });
		const { Item = {} } = await table.client.send(new GetItemCommand({ TableName: table.tableName, Key }));
		return fromAttributes(Item);
	};

	describe("deleted queues", () => {
		let store: DynamoQueueStore;
		beforeAll(() => {
			store = new DynamoQueueStore(table, { now: () => NOON });
		});

		it("leave their name and an expiry behind, and nothing else", async () => {
			const queue = aQueue({ quickAt: NOON });
			await store.create(queue);
			await store.remove(queue);
			const pk = `Q#${queue.teamId}`;
			const left = { pk, sk: "emails", deleted_at: NOON, expires_at: inDays(400) };
			expect(await itemAt(pk, "emails")).toEqual(left);
		});

		it("are followed by new ones that know nothing of them", async () => {
			for (const make of ["create", "put"] as const) {
				const queue = aQueue({ slowAt: NOON, heldUntil: NOON + 1 });
				await store.create(queue);
				await store.remove(queue);
				const { slowAt: _, heldUntil: __, ...plain } = { ...queue, createdAt: NOON + 5, updatedAt: NOON + 5 };
				expect(await store[make](plain)).toEqual(plain);
				expect(await store.getFresh(queue.teamId, queue.name)).toEqual(plain);
				const item = await itemAt(`Q#${queue.teamId}`, queue.name);
				expect(item).not.toHaveProperty("expires_at");
				expect(item).not.toHaveProperty("deleted_at");
			}
		});

		it("are not there for notes, holds and replacements", async () => {
			const queue = aQueue();
			await store.create(queue);
			await store.remove(queue);
			await store.note(queue, { slowAt: NOON });
			expect(await store.hold(queue, NOON)).toBeUndefined();
			await store.endHold(queue);
			expect(await store.replace({ ...queue, updatedAt: NOON + 1 }, NOON)).toBeUndefined();
			const left = await itemAt(`Q#${queue.teamId}`, "emails");
			expect(Object.keys(left).sort()).toEqual(["deleted_at", "expires_at", "pk", "sk"]);
		});

		it("that never were leave nothing", async () => {
			const queue = aQueue();
			await store.remove(queue);
			expect(await itemAt(`Q#${queue.teamId}`, "emails")).toEqual({});
		});

		it("do not hide their tasks from a listing of all of a team's", async () => {
			const queue = aQueue();
			await store.create(queue);
			const tasks = new DynamoTaskStore(table);
			const task = uniqueTask({ teamId: queue.teamId });
			await tasks.put(task);
			await store.remove(queue);
			expect(await tasks.list({ teamId: queue.teamId, limit: 10 })).toEqual({
				tasks: [task],
				hasMore: false,
			});
		});
	});

	it("a queue that an older version stored has the defaults of what that did not know", async () => {
		const { teamId, name } = aQueue();
		const settings = {
			max_retries: 7,
			retry_backoff: "fixed",
			retry_delay: 2,
			retry_max_delay: 9,
			timeout: 5,
		};
		const item = { pk: `Q#${teamId}`, sk: name, settings, created_at: NOON, updated_at: NOON };
		await table.client.send(new PutItemCommand({ TableName: table.tableName, Item: toAttributes(item) }));
		expect(await new DynamoQueueStore(table).get(teamId, name)).toEqual({
			teamId,
			name,
			settings: { ...defaultQueueSettings, ...settings },
			createdAt: NOON,
			updatedAt: NOON,
		});
	});

	it("a hold costs one write and no read, and no read when a longer one stands", async () => {
		const store = new DynamoQueueStore(table);
		const queue = await store.create(aQueue());
		expect(await meter.of(() => store.hold(queue, NOON + 60_000))).toEqual({ wru: 1, rru: 0 });
		// The write that is refused is billed as well, but its error does not say so.
		expect(await meter.of(() => store.hold(queue, NOON + 30_000))).toMatchObject({ rru: 0 });
		expect(await meter.of(() => store.endHold(queue))).toEqual({ wru: 1, rru: 0 });
	});

	describe("an answer that is lost on its way", () => {
		beforeEach(() => http.loseNextAnswer());

		it("does not cost a hold", async () => {
			const queue = await new DynamoQueueStore(table).create(aQueue());
			const held = { ...queue, heldUntil: NOON + 60_000 };
			expect(await new DynamoQueueStore(lossy).hold(queue, NOON + 60_000)).toEqual(held);
		});

		it("does not cost a seat", async () => {
			const sheets = new DynamoPumpSheetStore(lossy);
			const queue = aQueue();
			const sheet = { ...EMPTY_SHEET, seats: [{ owner: "pump-1", leaseUntil: NOON + 1, slotAt: 0.5 }] };
			expect(await sheets.write(queue, sheet)).toBe(true);
			expect(await sheets.read(queue)).toEqual({ ...sheet, version: 1 });
			http.loseNextAnswer();
			expect(await sheets.write(queue, { ...sheet, version: 1, woken: true })).toBe(true);
			http.loseNextAnswer();
			expect(await sheets.write(queue, { ...sheet, version: 1, woken: true, visitAt: 9 })).toBe(false);
		});

		it("does not cost the step of a job", async () => {
			const jobs = new DynamoJobStore(lossy);
			const job = aJob({ version: 1 });
			await jobs.create(job);
			http.loseNextAnswer();
			expect(await jobs.replace({ ...job, changed: 1, cursor: "c" })).toBe(true);
			http.loseNextAnswer();
			expect(await jobs.replace({ ...job, changed: 2, version: 2 })).toBe(true);
			expect(await jobs.get({ queue: { teamId: job.teamId, name: job.queue }, jobId: job.id })).toEqual({
				...job,
				changed: 2,
				version: 3,
			});
		});
	});

	it("a job is deleted a week after it has finished, and not before", async () => {
		const jobs = new DynamoJobStore(table);
		const job = aJob({ version: 1 });
		await jobs.create(job);
		const { pk, sk } = jobItemKey({ teamId: job.teamId, name: job.queue }, job.id);
		expect(await itemAt(pk, sk)).not.toHaveProperty("expires_at");
		await jobs.replace({ ...job, status: "finished", finishedAt: NOON + 1 });
		expect(await itemAt(pk, sk)).toMatchObject({ expires_at: inDays(7) + 1 });
	});

	describe("waiting in line", () => {
		let line: DynamoWaitingLine;
		beforeAll(() => {
			line = new DynamoWaitingLine(table);
		});
		const messages = (count: number) => {
			const teamId = uniqueTeam();
			const waiting = () => messageDueAt(NOON, { team_id: teamId, queue: "q".repeat(64) });
			return { queue: { teamId, name: "q".repeat(64) }, waiting: Array.from({ length: count }, waiting) };
		};

		it.each([1, 60])("costs each of %i messages a write to come and one to go", async (count) => {
			const { waiting } = messages(count);
			expect(await meter.of(() => line.add(waiting))).toEqual({ wru: count, rru: 0 });
			expect(await meter.of(() => line.remove(waiting))).toEqual({ wru: count, rru: 0 });
		});

		it("costs a read unit for 15 messages at least, however long their queue's name", async () => {
			const { queue, waiting } = messages(60);
			await line.add(waiting);
			const { rru } = await meter.of(() => line.first(queue, [0, 1, 2, 3], 60));
			expect(rru).toBeLessThanOrEqual(60 / 15 + 4);
		});
	});
});
