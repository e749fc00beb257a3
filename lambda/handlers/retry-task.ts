import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { retryTask } from "../usecases/retry-task.ts";

/** POST /v1/tasks/{task_id}/retry */
export const retryTaskHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal, param }) =>
		json(200, await retryTask(ports, { teamId: principal.teamId, taskId: param("task_id") })),
	);
