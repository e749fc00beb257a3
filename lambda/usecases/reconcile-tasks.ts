import type { DeliveryMessage } from "../core/delivery-message.ts";
import type { Ports } from "../ports.ts";
import { dispatch } from "./dispatch.ts";
import { queueFlow } from "./queue-flow.ts";

/**
 * How long a task may be overdue before it counts as stalled. After a crash its message comes back by itself within
 * lease + visibility = 330 s; nearly twice that leaves healthy tasks alone, and an operator who lost a queue need not
 * wait long.
 */
const GRACE_MS = 600_000;

/** Messages sent at a time: ten calls of ten, beside the ordinary traffic. */
const CHUNK_SIZE = 100;

export type ReconcileOptions = Readonly<{
	/** Where an earlier walk stopped. */
	cursor?: string | undefined;
	/** Asked between pages; the walk stops when it says no. */
	mayContinue?: () => boolean;
}>;

/** `nextCursor` is set when the walk stopped before its end. */
export type ReconcileReport = Readonly<{
	pages: number;
	stalled: number;
	/** Of the stalled ones: those that could not be dispatched. They will be found again. */
	failed: number;
	nextCursor?: string | undefined;
}>;

/**
 * Tasks of paused queues are where they belong, in line or to be found here when the queue is resumed: waiting costs
 * nothing, not even once a day.
 */
const withoutPaused = async (
	ports: Ports,
	messages: readonly DeliveryMessage[],
): Promise<DeliveryMessage[]> => {
	const flows = await Promise.all(
		messages.map(({ team_id: teamId, queue: name }) => queueFlow(ports, { teamId, name })),
	);
	return messages.filter((_, index) => flows[index]?.flow.kind !== "stopped");
};

/** Dispatches what it can and returns how many it could not: one bad moment must not end the walk. */
const redispatch = async (ports: Ports, messages: readonly DeliveryMessage[]): Promise<number> => {
	let failed = 0;
	for (let from = 0; from < messages.length; from += CHUNK_SIZE) {
		const chunk = messages.slice(from, from + CHUNK_SIZE);
		try {
			await dispatch(ports, chunk);
		} catch (error) {
			ports.log.error("reconcile.dispatch_failed", { tasks: chunk.length, error });
			failed += chunk.length;
		}
	}
	return failed;
};

/**
 * Walks over every team's tasks and gives a new message to those that should have moved and have not: theirs was
 * lost, as in a purged queue. Where it was only late, the message too many is refused by the claim and does no harm.
 */
export const reconcileTasks = async (
	ports: Ports,
	{ cursor, mayContinue = () => true }: ReconcileOptions = {},
): Promise<ReconcileReport> => {
	const before = ports.clock.now() - GRACE_MS;
	let pages = 0;
	let stalled = 0;
	let failed = 0;
	let nextCursor = cursor;
	do {
		const page = await ports.tasks.findStalled(before, nextCursor);
		pages += 1;
		const messages = await withoutPaused(ports, page.messages);
		stalled += messages.length;
		failed += await redispatch(ports, messages);
		nextCursor = page.nextCursor;
	} while (nextCursor !== undefined && mayContinue());
	return { pages, stalled, failed, nextCursor };
};
