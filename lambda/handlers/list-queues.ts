import { type QueueListView, queueView } from "../core/queue-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";

/** GET /v1/queues */
export const listQueuesHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal }) => {
		const queues = await ports.queues.list(principal.teamId);
		const now = ports.clock.now();
		return json(200, { queues: queues.map((queue) => queueView(queue, now)) } satisfies QueueListView);
	});
