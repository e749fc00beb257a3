import { validate } from "../core/faults.ts";
import { TaskShowQuery } from "../core/task-wait.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { getTask } from "../usecases/get-task.ts";

/** GET /v1/tasks/{task_id} */
export const getTaskHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal, param, query }) => {
		const { wait } = validate(TaskShowQuery, query);
		const key = { teamId: principal.teamId, taskId: param("task_id") };
		return json(200, await getTask(ports, key, wait * 1_000));
	});
