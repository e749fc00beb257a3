import * as z from "zod";
import type { Task } from "./task.ts";

/**
 * Longest wait for a change, in seconds. What comes before and after it has to fit in the 29 s that API Gateway gives an
 * HTTP API's function (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html: 30 s).
 */
export const MAX_WAIT_SECONDS = 20;

/** Query of `GET /v1/tasks/{task_id}`. */
export const TaskShowQuery = z.strictObject({
	wait: z.coerce
		.number()
		.int()
		.min(0)
		.max(MAX_WAIT_SECONDS)
		.describe("Seconds to wait for a change: the answer comes as soon as there is one.")
		.default(0),
});

/** The pause before the first look, what each further one is longer by, and the longest: ms, a factor, ms. */
const FIRST_PAUSE_MS = 100;
const GROWTH = 1.5;
const LONGEST_PAUSE_MS = 1_000;

/** The pauses between looks at a task, in ms, `waitMs` together: most tasks change soon or not at all. */
export function* pausesOf(waitMs: number): Generator<number> {
	let longestMs = FIRST_PAUSE_MS;
	let leftMs = waitMs;
	while (leftMs > 0) {
		const pauseMs = Math.min(longestMs, leftMs);
		yield pauseMs;
		leftMs -= pauseMs;
		longestMs = Math.min(longestMs * GROWTH, LONGEST_PAUSE_MS);
	}
}

/** Whether the status has changed since `before`, also if it is the same again after another attempt. */
export const hasChanged = (before: Task, now: Task): boolean =>
	now.status !== before.status || now.attempt !== before.attempt;
