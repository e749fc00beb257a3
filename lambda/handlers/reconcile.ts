import type { Context } from "aws-lambda";
import * as z from "zod";
import type { Ports } from "../ports.ts";
import { reconcileTasks } from "../usecases/reconcile-tasks.ts";

/** Time kept for the last page: one read, its messages, and the log line. */
const RESERVE_MS = 60_000;

/** The daily event says nothing; an operator may say where to go on. */
const ReconcileEvent = z.object({ cursor: z.string().optional() });

type ReconcileResult = Readonly<{
	pages: number;
	stalled: number;
	jobs: number;
	failed: number;
	next_cursor: string | null;
}>;

export type ReconcileHandler = (
	event: unknown,
	context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<ReconcileResult>;

/** Finds stalled tasks and jobs once a day. Fails visibly when some could not be dispatched: Lambda then tries again. */
export const reconcileHandler =
	(ports: Ports): ReconcileHandler =>
	async (event, context) => {
		const { pages, stalled, jobs, failed, nextCursor } = await reconcileTasks(ports, {
			cursor: ReconcileEvent.parse(event).cursor,
			mayContinue: () => context.getRemainingTimeInMillis() > RESERVE_MS,
		});
		const result = { pages, stalled, jobs, failed, next_cursor: nextCursor ?? null };
		const complete = nextCursor === undefined;
		ports.log[complete ? "info" : "warn"]("reconcile.finished", { ...result, complete });
		if (failed > 0)
			throw new Error(`${failed} of ${stalled + jobs} stalled tasks and jobs could not be dispatched`);
		return result;
	};
