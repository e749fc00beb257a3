import { validateAt } from "../core/faults.ts";
import { QueueName, QueueSettings } from "../core/queue.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import type { Ports } from "../ports.ts";
import { putQueue } from "../usecases/put-queue.ts";
import { queueReply } from "./queue-reply.ts";

/** PUT /v1/queues/{queue}: replaces all settings; those left out take their defaults. */
export const putQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: QueueSettings }, async ({ principal, param, body }) =>
		queueReply(await putQueue(ports, principal.teamId, validateAt("queue", QueueName, param("queue")), body)),
	);
