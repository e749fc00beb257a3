import { countsView, type QueueStateView, queueView } from "../core/queue-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { getQueueState } from "../usecases/get-queue.ts";
import { queueKeyOf } from "./queue-key.ts";

/** GET /v1/queues/{queue} */
export const getQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async (request) => {
		const { queue, counts } = await getQueueState(ports, queueKeyOf(request));
		const view = { ...queueView(queue, ports.clock.now()), counts: countsView(counts) };
		return json(200, view satisfies QueueStateView);
	});
