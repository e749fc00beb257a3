import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { cancelTask } from "../usecases/cancel-task.ts";

/** DELETE /v1/tasks/{task_id} and POST /v1/tasks/{task_id}/cancel */
export const cancelTaskHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal, param }) =>
		json(200, await cancelTask(ports, { teamId: principal.teamId, taskId: param("task_id") })),
	);
