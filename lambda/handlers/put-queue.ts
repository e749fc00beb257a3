import { validateAt } from "../core/faults.ts";
import { QueueName, QueueSettings } from "../core/queue.ts";
import { queueView } from "../core/queue-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { putQueue } from "../usecases/put-queue.ts";

/** PUT /v1/queues/{queue}: replaces all settings; those left out take their defaults. */
export const putQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: QueueSettings }, async ({ principal, param, body }) => {
		const name = validateAt("queue", QueueName, param("queue"));
		const queue = await putQueue(ports, { teamId: principal.teamId, name }, body);
		return json(200, queueView(queue, ports.clock.now()));
	});
