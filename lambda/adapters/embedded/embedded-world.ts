import type { DataKeyRing } from "../../data-key-ring.ts";
import type { Clock, Ports } from "../../ports.ts";
import { CachedKeyCipher } from "../cached-key-cipher.ts";
import { CachedKeyStore } from "../cached-key-store.ts";
import { CachedQueueStore } from "../cached-queue-store.ts";
import { DataKeyCipher } from "../data-key-cipher.ts";
import { Database } from "./database.ts";
import { ExpiredData } from "./expired-data.ts";
import { FileDataKeys } from "./file-data-keys.ts";
import { HeldLeases } from "./held-leases.ts";
import { HeldSeats } from "./held-seats.ts";
import type { Room } from "./ready-queues.ts";
import { SqliteDeliveryQueue } from "./sqlite-delivery-queue.ts";
import { SqliteIdempotencyStore } from "./sqlite-idempotency-store.ts";
import { SqliteJobStore } from "./sqlite-job-store.ts";
import { SqliteKeyStore } from "./sqlite-key-store.ts";
import type { DeadMessage, ReceivedMessage, SqliteMessageQueue } from "./sqlite-message-queue.ts";
import { SqlitePumpSheetStore } from "./sqlite-pump-sheet-store.ts";
import { SqliteQueueStore } from "./sqlite-queue-store.ts";
import { SqliteTaskScheduler } from "./sqlite-task-scheduler.ts";
import { SqliteTaskStore } from "./sqlite-task-store.ts";
import { SqliteWaitingLine } from "./sqlite-waiting-line.ts";
import { SqliteWorkQueue } from "./sqlite-work-queue.ts";

/** The ports that keep something. */
type EmbeddedStores = Pick<
	Ports,
	| "tasks"
	| "idempotency"
	| "queues"
	| "keys"
	| "cipher"
	| "line"
	| "pumpSheets"
	| "jobs"
	| "deliveryQueue"
	| "workQueue"
	| "scheduler"
>;

/** The far end of a queue, as whoever handles its messages sees it. Instants are epoch ms. */
export type EmbeddedMessages = Readonly<{
	/** Visible messages of one queue, at most `limit` and what `room` allows; none when there are none. */
	receive(now: number, limit: number, room?: Room): ReceivedMessage[];
	delete(messageIds: readonly string[]): void;
	/** Those that were received too often, oldest first. */
	dead(): DeadMessage[];
	deleteDead(messageIds: readonly string[]): void;
	/** When there will be more to receive than there is. */
	nextDueAt(): number | undefined;
	/** Whether what was written last could not be kept, so that whatever is received now is received in vain. */
	isFailing(): boolean;
	/** Resolves when it is certain that what was received is there; rejects when it was taken back with its transaction. */
	confirmed(): Promise<void>;
	/** Calls back after each commit, and when one was not possible. Returns a function that ends this. */
	onChange(listener: () => void): () => void;
}>;

/** Everything that the product keeps, in one data folder. */
export type EmbeddedWorld = Readonly<{
	database: Database;
	stores: EmbeddedStores;
	/** The data keys that secrets are encrypted under. */
	dataKeys: DataKeyRing;
	/** What the delivery queue and the scheduler behind it hand out. */
	messages: EmbeddedMessages;
	workMessages: EmbeddedMessages;
	/** Deletes tasks and jobs that were kept for long enough; returns how many tasks. Others work in between. */
	prune(mayContinue?: () => boolean): Promise<number>;
	close(): void;
}>;

type WorldOptions = Readonly<{
	/** Folder of the database and the key file, or `:memory:`. */
	folder: string;
	clock: Clock;
	/** A clock that nobody sets, for what must not end because the other one is set forward. */
	steadyClock?: Clock;
}>;

const earliest = (...instants: (number | undefined)[]): number | undefined => {
	const known = instants.filter((instant) => instant !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
};

const messagesOf = (database: Database, queue: SqliteMessageQueue): EmbeddedMessages => ({
	receive: (now, limit, room) => queue.receive(now, limit, room),
	delete: (messageIds) => queue.delete(messageIds),
	dead: () => queue.deadMessages(),
	deleteDead: (messageIds) => queue.deleteDead(messageIds),
	nextDueAt: () => queue.nextVisibleAt(),
	isFailing: () => database.isFailing,
	confirmed: () => database.written(),
	onChange: (listener) => {
		const ends = [database.onCommit(listener), database.onRollback(listener)];
		return () => {
			for (const end of ends) end();
		};
	},
});

/** The same with a scheduler behind it. */
const scheduledMessagesOf = (
	database: Database,
	queue: SqliteDeliveryQueue,
	scheduler: SqliteTaskScheduler,
): EmbeddedMessages => ({
	...messagesOf(database, queue),
	receive: (now, limit, room) => {
		scheduler.moveDue(now);
		return queue.receive(now, limit, room);
	},
	nextDueAt: () => earliest(queue.nextVisibleAt(), scheduler.nextFireAt()),
});

const storesOf = (database: Database, { clock, steadyClock }: WorldOptions) => {
	const held = () => steadyClock && new HeldLeases(steadyClock);
	const deliveryQueue = new SqliteDeliveryQueue(database, clock, held());
	return {
		tasks: new SqliteTaskStore(database, clock, held()),
		keys: new SqliteKeyStore(database),
		queues: new SqliteQueueStore(database),
		idempotency: new SqliteIdempotencyStore(database),
		line: new SqliteWaitingLine(database),
		pumpSheets: new SqlitePumpSheetStore(database, steadyClock && new HeldSeats(clock, steadyClock)),
		jobs: new SqliteJobStore(database),
		deliveryQueue,
		workQueue: new SqliteWorkQueue(database, clock, held()),
		scheduler: new SqliteTaskScheduler(database, deliveryQueue),
	};
};

/** The data is ours alone, so whoever claimed a task, received a message or pumped before is dead. */
const releaseLeases = (
	{ tasks, deliveryQueue, workQueue, pumpSheets }: ReturnType<typeof storesOf>,
	now: number,
): void => {
	for (const store of [tasks, deliveryQueue, workQueue]) store.releaseLeases(now);
	pumpSheets.releaseLeases();
};

const connect = (database: Database, options: WorldOptions): EmbeddedWorld => {
	const { folder, clock } = options;
	const stores = storesOf(database, options);
	const { keys, queues, deliveryQueue, workQueue, scheduler, jobs } = stores;
	const dataKeys =
		folder === ":memory:"
			? FileDataKeys.inMemory()
			: FileDataKeys.fromFolder(folder, keys.holdsSecrets(), () => database.committed());
	releaseLeases(stores, clock.now());
	const expired = new ExpiredData(database, jobs);
	// This process alone writes, so what it remembers is what is stored, but for what is rolled back.
	const remembered = {
		keys: new CachedKeyStore({ store: keys, clock }),
		queues: new CachedQueueStore({ store: queues, clock }),
	};
	database.onRollback(() => {
		for (const store of Object.values(remembered)) store.forgetAll();
	});
	return {
		database,
		stores: {
			...stores,
			...remembered,
			cipher: new CachedKeyCipher(new DataKeyCipher(dataKeys), clock),
		},
		dataKeys,
		messages: scheduledMessagesOf(database, deliveryQueue, scheduler),
		workMessages: messagesOf(database, workQueue),
		prune: (mayContinue = () => true) => expired.prune(clock.now(), mayContinue),
		close: () => database.close(),
	};
};

/** Opens or creates the data and takes over what an earlier process left. Throws an Error that says what to do. */
export const openEmbeddedWorld = (options: WorldOptions): EmbeddedWorld => {
	const database = Database.open(options.folder);
	try {
		return connect(database, options);
	} catch (error) {
		database.close();
		throw error;
	}
};
