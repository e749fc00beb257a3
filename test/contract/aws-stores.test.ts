import { afterAll, beforeAll, describe, vi } from "vitest";
import { DynamoBudgetSheets } from "../../lambda/adapters/aws/dynamo-budget-sheets.ts";
import { DynamoIdempotencyStore } from "../../lambda/adapters/aws/dynamo-idempotency-store.ts";
import { DynamoJobStore } from "../../lambda/adapters/aws/dynamo-job-store.ts";
import { DynamoKeyStore } from "../../lambda/adapters/aws/dynamo-key-store.ts";
import { DynamoPumpSheetStore } from "../../lambda/adapters/aws/dynamo-pump-sheet-store.ts";
import { DynamoQueueStore } from "../../lambda/adapters/aws/dynamo-queue-store.ts";
import { DynamoTaskStore } from "../../lambda/adapters/aws/dynamo-task-store.ts";
import { DynamoWaitingLine } from "../../lambda/adapters/aws/dynamo-waiting-line.ts";
import { SharedRequestBudget } from "../../lambda/adapters/aws/shared-request-budget.ts";
import { pinoLog } from "../../lambda/adapters/pino-log.ts";
import { systemTimer } from "../../lambda/adapters/system.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import type { Task } from "../../lambda/core/task.ts";
import type { TaskStore } from "../../lambda/ports.ts";
import {
	type DynamoDbLocal,
	hasDynamoDbLocal,
	patient,
	startDynamoDbLocal,
	type TestTable,
} from "../support/dynamodb-local.ts";
import { idempotencyStoreContract } from "./idempotency-store.contract.ts";
import { jobStoreContract } from "./job-store.contract.ts";
import { keyStoreContract } from "./key-store.contract.ts";
import { pumpSheetStoreContract } from "./pump-sheet-store.contract.ts";
import { queueStoreContract } from "./queue-store.contract.ts";
import { CONTRACT_LIMIT, requestBudgetContract } from "./request-budget.contract.ts";
import { stalledWorkContract } from "./stalled-work.contract.ts";
import { taskInterventionsContract } from "./task-interventions.contract.ts";
import { taskListingContract } from "./task-listing.contract.ts";
import { taskReleaseContract } from "./task-release.contract.ts";
import { taskStoreContract } from "./task-store.contract.ts";
import { waitingLineContract } from "./waiting-line.contract.ts";

/** A task's queue is there before the task (`ensureQueue`): a listing of all queues starts from them. */
class TaskStoreWithQueues extends DynamoTaskStore implements TaskStore {
	readonly #queues: DynamoQueueStore;

	constructor(table: TestTable) {
		super(table);
		this.#queues = new DynamoQueueStore(table);
	}

	override async put(task: Task): Promise<"created" | "exists"> {
		const { teamId, queue: name, createdAt } = task;
		const settings = defaultQueueSettings;
		await this.#queues.create({ teamId, name, settings, createdAt, updatedAt: createdAt });
		return super.put(task);
	}
}

vi.setConfig(patient);

describe.skipIf(!hasDynamoDbLocal())("AWS stores", () => {
	const world = "DynamoDB";
	let dynamoDb: DynamoDbLocal;
	let shared: TestTable;

	beforeAll(async () => {
		dynamoDb = await startDynamoDbLocal();
		shared = await dynamoDb.createTable();
	});
	afterAll(() => dynamoDb?.stop());

	/** A new table takes longer than most tests: those whose items do not meet share one. */
	const onShared =
		<Store>(makeStore: (table: TestTable) => Store) =>
		async () => ({ store: makeStore(shared), close: async () => {} });
	const makeTasks = onShared((table) => new TaskStoreWithQueues(table));
	const makeAlone = async () => {
		const table = await dynamoDb.createTable();
		const store = new TaskStoreWithQueues(table);
		return { store, tasks: store, jobs: new DynamoJobStore(table), close: () => dynamoDb.deleteTable(table) };
	};

	taskStoreContract(world, makeTasks);
	taskInterventionsContract(world, makeTasks);
	taskReleaseContract(world, makeTasks);
	taskListingContract(world, makeAlone);
	stalledWorkContract(world, makeAlone);
	idempotencyStoreContract(
		world,
		onShared((table) => new DynamoIdempotencyStore(table)),
	);
	queueStoreContract(
		world,
		onShared((table) => new DynamoQueueStore(table)),
	);
	waitingLineContract(world, async () => ({ line: new DynamoWaitingLine(shared), close: async () => {} }));
	pumpSheetStoreContract(
		world,
		onShared((table) => new DynamoPumpSheetStore(table)),
	);
	jobStoreContract(
		world,
		onShared((table) => new DynamoJobStore(table)),
	);
	keyStoreContract(
		world,
		onShared((table) => new DynamoKeyStore(table)),
	);
	requestBudgetContract("DynamoDB, three processes", async (clock) => {
		const process = () =>
			new SharedRequestBudget({
				limit: CONTRACT_LIMIT,
				sheets: new DynamoBudgetSheets(shared, CONTRACT_LIMIT),
				clock,
				timer: systemTimer,
				log: pinoLog("silent"),
			});
		return { budgets: [process(), process(), process()], inVain: 25, close: async () => {} };
	});
});
