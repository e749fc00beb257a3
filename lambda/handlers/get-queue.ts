import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import type { Ports } from "../ports.ts";
import { getQueue } from "../usecases/get-queue.ts";
import { queueReply } from "./queue-reply.ts";

/** GET /v1/queues/{queue} */
export const getQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal, param }) =>
		queueReply(await getQueue(ports, principal.teamId, param("queue"))),
	);
