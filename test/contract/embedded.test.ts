import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { MemoryRequestBudget } from "../../lambda/adapters/embedded/memory-request-budget.ts";
import { SqliteKeyStore } from "../../lambda/adapters/embedded/sqlite-key-store.ts";
import { SqliteQueueStore } from "../../lambda/adapters/embedded/sqlite-queue-store.ts";
import { VISIBILITY_SECONDS, WORK_VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { receiveAll } from "../support/receive-all.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";
import { NOON } from "../support/unique-tasks.ts";
import { deliveryQueueContract } from "./delivery-queue.contract.ts";
import { idempotencyStoreContract } from "./idempotency-store.contract.ts";
import { jobStoreContract } from "./job-store.contract.ts";
import { keyCipherContract } from "./key-cipher.contract.ts";
import { keyStoreContract } from "./key-store.contract.ts";
import { pumpSheetStoreContract } from "./pump-sheet-store.contract.ts";
import { queueStoreContract } from "./queue-store.contract.ts";
import { CONTRACT_LIMIT, requestBudgetContract } from "./request-budget.contract.ts";
import { stalledWorkContract } from "./stalled-work.contract.ts";
import { taskInterventionsContract } from "./task-interventions.contract.ts";
import { taskListingContract } from "./task-listing.contract.ts";
import { taskReleaseContract } from "./task-release.contract.ts";
import { taskSchedulerContract } from "./task-scheduler.contract.ts";
import { taskStoreContract } from "./task-store.contract.ts";
import { waitingLineContract } from "./waiting-line.contract.ts";
import { workQueueContract } from "./work-queue.contract.ts";

const openInFolder = () => {
	const folder = makeTemporaryFolder("contract");
	const clock = new VirtualClock(NOON);
	const world = openEmbeddedWorld({ folder: folder.path, clock });
	const close = async (): Promise<void> => {
		world.close();
		folder.remove();
	};
	return { ...world, ...world.stores, clock, close };
};

const openInMemory = () => {
	const clock = new VirtualClock(NOON);
	const world = openEmbeddedWorld({ folder: ":memory:", clock });
	const close = async (): Promise<void> => world.close();
	return { ...world, ...world.stores, clock, close };
};

for (const [world, open] of [
	["SQLite file", openInFolder],
	["SQLite in memory", openInMemory],
] as const) {
	const makeTasks = async () => {
		const { tasks, close } = open();
		return { store: tasks, close };
	};
	taskStoreContract(world, makeTasks);
	taskInterventionsContract(world, makeTasks);
	taskReleaseContract(world, makeTasks);
	taskListingContract(world, makeTasks);
	stalledWorkContract(world, async () => {
		const { tasks, jobs, close } = open();
		return { tasks, jobs, close };
	});
	idempotencyStoreContract(world, async () => {
		const { idempotency, close } = open();
		return { store: idempotency, close };
	});
	queueStoreContract(world, async () => {
		// Without the cache in front of it, which has promises of its own.
		const { database, close } = open();
		return { store: new SqliteQueueStore(database), close };
	});
	queueStoreContract(`${world}, remembered`, async () => {
		const { queues, close } = open();
		return { store: queues, close };
	});
	waitingLineContract(world, async () => {
		const { line, close } = open();
		return { line, close };
	});
	pumpSheetStoreContract(world, async () => {
		const { pumpSheets, close } = open();
		return { store: pumpSheets, close };
	});
	jobStoreContract(world, async () => {
		const { jobs, close } = open();
		return { store: jobs, close };
	});
	keyStoreContract(world, async () => {
		const { database, close } = open();
		return { store: new SqliteKeyStore(database), close };
	});
	keyCipherContract(world, async () => {
		const { cipher, close } = open();
		return { cipher, close };
	});
	deliveryQueueContract(world, async () => {
		const { deliveryQueue, messages, clock, close } = open();
		return {
			queue: deliveryQueue,
			now: () => clock.now(),
			waitUntil: async (instant) => clock.advanceTo(instant),
			receive: async () => receiveAll(messages, clock.now()),
			delete: async (received) => messages.delete(received.map(({ messageId }) => messageId)),
			returnReceived: async () => clock.advanceBy(VISIBILITY_SECONDS * 1_000),
			close,
		};
	});
	workQueueContract(world, async () => {
		const { workQueue, workMessages, clock, close } = open();
		return {
			queue: workQueue,
			now: () => clock.now(),
			waitUntil: async (instant) => clock.advanceTo(instant),
			receive: async () => receiveAll(workMessages, clock.now()),
			delete: async (received) => workMessages.delete(received.map(({ messageId }) => messageId)),
			returnReceived: async () => clock.advanceBy(WORK_VISIBILITY_SECONDS * 1_000),
			close,
		};
	});
	taskSchedulerContract(world, async () => {
		const { scheduler, messages, clock, close } = open();
		return {
			scheduler,
			now: () => clock.now(),
			waitUntilFired: async (instant) => clock.advanceTo(instant),
			receive: async () => {
				const received = receiveAll(messages, clock.now());
				messages.delete(received.map(({ messageId }) => messageId));
				return received.map(({ body }) => body);
			},
			close,
		};
	});
}

requestBudgetContract("memory", async (clock) => ({
	budgets: [new MemoryRequestBudget(CONTRACT_LIMIT, clock)],
	inVain: 0,
	close: async () => {},
}));
