import { NewTask } from "../core/new-task.ts";
import { traceContextOf } from "../core/trace-context.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { createTask } from "../usecases/create-task.ts";
import { idempotencyKeyOf, REPLAYED } from "./idempotency-key.ts";

/** Room for a payload of 256 KiB whose every character is written as an escape of six. */
const MAX_BODY_BYTES = 2_097_152;

/** POST /v1/tasks */
export const createTaskHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: NewTask, maxBytes: MAX_BODY_BYTES }, async ({ principal, body, header }) => {
		const { task, replayed } = await createTask(ports, {
			principal,
			newTask: body,
			idempotencyKey: idempotencyKeyOf(header),
			trace: traceContextOf(header),
		});
		return json(201, task, { location: `/v1/tasks/${task.id}`, ...(replayed ? REPLAYED : {}) });
	});
