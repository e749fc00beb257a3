import { QueueSettingsPatch } from "../core/queue.ts";
import { queueView } from "../core/queue-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { patchQueue } from "../usecases/patch-queue.ts";
import { queueKeyOf } from "./queue-key.ts";

/** PATCH /v1/queues/{queue}: changes the settings that the body names. */
export const patchQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: QueueSettingsPatch }, async (request) => {
		const queue = await patchQueue(ports, queueKeyOf(request), request.body);
		return json(200, queueView(queue, ports.clock.now()));
	});
