import { queueView } from "../core/queue-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { patchQueue } from "../usecases/patch-queue.ts";
import { queueKeyOf } from "./queue-key.ts";

/** POST /v1/queues/{queue}/pause: answers when no call starts any more. */
export const pauseQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async (request) => {
		const queue = await patchQueue(ports, queueKeyOf(request), { paused: true });
		return json(200, queueView(queue, ports.clock.now()));
	});
