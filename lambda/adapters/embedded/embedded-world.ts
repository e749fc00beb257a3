import type { Clock, Ports } from "../../ports.ts";
import { CachedKeyCipher } from "../cached-key-cipher.ts";
import { CachedKeyStore } from "../cached-key-store.ts";
import { CachedQueueStore } from "../cached-queue-store.ts";
import { Database } from "./database.ts";
import { FileKeyCipher } from "./file-key-cipher.ts";
import { type ReceivedMessage, SqliteDeliveryQueue } from "./sqlite-delivery-queue.ts";
import { SqliteIdempotencyStore } from "./sqlite-idempotency-store.ts";
import { SqliteKeyStore } from "./sqlite-key-store.ts";
import { SqliteQueueStore } from "./sqlite-queue-store.ts";
import { SqliteTaskScheduler } from "./sqlite-task-scheduler.ts";
import { SqliteTaskStore } from "./sqlite-task-store.ts";

/** The ports that keep something. */
type EmbeddedStores = Pick<
	Ports,
	"tasks" | "idempotency" | "queues" | "keys" | "cipher" | "deliveryQueue" | "scheduler"
>;

/** The delivery queue and the scheduler behind it, as whoever delivers sees them. Instants are epoch ms. */
type EmbeddedMessages = Readonly<{
	receive(now: number, limit: number): ReceivedMessage[];
	delete(messageIds: readonly string[]): void;
	/** When the next message or schedule is due, or was. */
	nextDueAt(): number | undefined;
	/** Calls back after each commit. Returns a function that ends this. */
	onChange(listener: () => void): () => void;
}>;

/** Everything that the product keeps, in one data folder. */
export type EmbeddedWorld = Readonly<{
	database: Database;
	stores: EmbeddedStores;
	messages: EmbeddedMessages;
	close(): void;
}>;

type WorldOptions = Readonly<{
	/** Folder of the database and the key file, or `:memory:`. */
	folder: string;
	clock: Clock;
}>;

const earliest = (...instants: (number | undefined)[]): number | undefined => {
	const known = instants.filter((instant) => instant !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
};

const connect = (database: Database, { folder, clock }: WorldOptions): EmbeddedWorld => {
	const tasks = new SqliteTaskStore(database);
	const keys = new SqliteKeyStore(database);
	const deliveryQueue = new SqliteDeliveryQueue(database, clock);
	const scheduler = new SqliteTaskScheduler(database, deliveryQueue);
	const cipher =
		folder === ":memory:"
			? FileKeyCipher.withRandomKey()
			: FileKeyCipher.fromFolder(folder, keys.holdsSecrets());
	// The data is ours alone, so whoever claimed a task or received a message before is dead.
	tasks.releaseLeases(clock.now());
	deliveryQueue.releaseLeases(clock.now());
	return {
		database,
		stores: {
			tasks,
			// This process alone writes, so what it remembers is what is stored.
			keys: new CachedKeyStore(keys, clock),
			queues: new CachedQueueStore(new SqliteQueueStore(database), clock),
			cipher: new CachedKeyCipher(cipher, clock),
			deliveryQueue,
			scheduler,
			idempotency: new SqliteIdempotencyStore(database),
		},
		messages: {
			receive: (now, limit) => {
				scheduler.moveDue(now);
				return deliveryQueue.receive(now, limit);
			},
			delete: (messageIds) => deliveryQueue.delete(messageIds),
			nextDueAt: () => earliest(deliveryQueue.nextVisibleAt(), scheduler.nextFireAt()),
			onChange: (listener) => database.onCommit(listener),
		},
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
