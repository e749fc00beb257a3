import { validate } from "../core/faults.ts";
import { TaskListQuery } from "../core/task-page.ts";
import type { TaskPageView } from "../core/task-view-schema.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { listTasks } from "../usecases/list-tasks.ts";

/** GET /v1/tasks */
export const listTasksHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal, query }) => {
		const wanted = validate(TaskListQuery, query);
		const { tasks, hasMore, nextCursor } = await listTasks(ports, principal.teamId, wanted);
		return json(200, {
			tasks,
			pagination: { limit: wanted.limit, has_more: hasMore, next_cursor: nextCursor },
		} satisfies TaskPageView);
	});
