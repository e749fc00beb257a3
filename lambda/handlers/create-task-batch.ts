import type { BatchView } from "../core/batch-view.ts";
import { AsyncQueueError } from "../core/errors.ts";
import { NewTaskBatch } from "../core/new-task.ts";
import { traceContextOf } from "../core/trace-context.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { problemOf } from "../middleware/problem-details.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { type BatchResult, createTaskBatch } from "../usecases/create-task-batch.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";

/** Leaves room for the event's envelope within Lambda's 6 MB of request payload. */
const MAX_BODY_BYTES = 4_194_304;

const itemOf = (result: BatchResult): BatchView["results"][number] => {
	if (!(result instanceof AsyncQueueError)) return { status: 201, task: result.task };
	const { status, error, code, errors } = problemOf(result);
	return { status, error, code, errors };
};

/** POST /v1/tasks/batch */
export const createTaskBatchHandler = (ports: Ports): RouteHandler =>
	jsonRoute(
		ports,
		{ schema: NewTaskBatch, maxBytes: MAX_BODY_BYTES, units: ({ tasks }) => tasks.length },
		async ({ principal, body, header }) => {
			const results = await createTaskBatch(ports, {
				principal,
				items: body.tasks,
				idempotencyKey: idempotencyKeyOf(header),
				trace: traceContextOf(header),
			});
			return json(200, { results: results.map(itemOf) } satisfies BatchView);
		},
	);
