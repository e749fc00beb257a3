import type { DeliveryMessage } from "../core/delivery-message.ts";
import type { Ports } from "../ports.ts";
import { dispatch } from "./dispatch.ts";
import { queueFlow } from "./queue-flow.ts";
import { sendJobs } from "./start-job.ts";

/**
 * How long a task may be overdue, or a job at rest, before it counts as stalled. After a crash a task's message comes
 * back by itself within lease + visibility = 330 s, a job's sooner; nearly twice that leaves healthy ones alone, and
 * an operator who lost a queue need not wait long.
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
	/** Tasks. */
	stalled: number;
	/** Bulk jobs that should have gone on. */
	jobs: number;
	/** Of both: those that could not be sent a message. They will be found again. */
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

/** Sends what it can and returns how many it could not: one bad moment must not end the walk. */
const sendInChunks = async <Stalled>(
	{ log }: Ports,
	what: "tasks" | "jobs",
	all: readonly Stalled[],
	send: (chunk: readonly Stalled[]) => Promise<void>,
): Promise<number> => {
	let failed = 0;
	for (let from = 0; from < all.length; from += CHUNK_SIZE) {
		const chunk = all.slice(from, from + CHUNK_SIZE);
		try {
			await send(chunk);
		} catch (error) {
			log.error("reconcile.dispatch_failed", { [what]: chunk.length, error });
			failed += chunk.length;
		}
	}
	return failed;
};

/**
 * Walks over every team's tasks and jobs and gives a new message to those that should have moved and have not: theirs
 * was lost, as in a purged queue. Where it was only late, the message too many does no harm: the claim refuses it, and
 * of two copies of a job one stops.
 */
export const reconcileTasks = async (
	ports: Ports,
	{ cursor, mayContinue = () => true }: ReconcileOptions = {},
): Promise<ReconcileReport> => {
	const before = ports.clock.now() - GRACE_MS;
	let pages = 0;
	let stalled = 0;
	let jobs = 0;
	let failed = 0;
	let nextCursor = cursor;
	do {
		const page = await ports.tasks.findStalled(before, nextCursor);
		pages += 1;
		const messages = await withoutPaused(ports, page.messages);
		stalled += messages.length;
		jobs += page.jobs.length;
		failed += await sendInChunks(ports, "tasks", messages, (chunk) => dispatch(ports, chunk));
		failed += await sendInChunks(ports, "jobs", page.jobs, (chunk) => sendJobs(ports, chunk));
		nextCursor = page.nextCursor;
	} while (nextCursor !== undefined && mayContinue());
	return { pages, stalled, jobs, failed, nextCursor };
};
