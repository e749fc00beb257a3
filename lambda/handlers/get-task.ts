import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { getTask } from "../usecases/get-task.ts";

/** GET /v1/tasks/{task_id} */
export const getTaskHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal, param }) =>
		json(200, await getTask(ports, { teamId: principal.teamId, taskId: param("task_id") })),
	);
