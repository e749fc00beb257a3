import type {
	ReceivedMessage,
	SqliteMessageQueue,
} from "../../lambda/adapters/embedded/sqlite-message-queue.ts";

/** Receives everything that is visible at `now`, in the order in which it is handed out. */
export const receiveAll = (
	source: Pick<SqliteMessageQueue, "receive">,
	now: number,
	batchSize = 1_000,
): ReceivedMessage[] => {
	const received: ReceivedMessage[] = [];
	for (;;) {
		const batch = source.receive(now, batchSize);
		if (batch.length === 0) return received;
		received.push(...batch);
	}
};
