import { queueView } from "../core/queue-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { resumeQueue } from "../usecases/resume-queue.ts";
import { queueKeyOf } from "./queue-key.ts";

/** POST /v1/queues/{queue}/resume: ends a pause, and a hold that a webhook asked for. */
export const resumeQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async (request) => {
		const queue = await resumeQueue(ports, queueKeyOf(request));
		return json(200, queueView(queue, ports.clock.now()));
	});
