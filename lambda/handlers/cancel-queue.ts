import { CancelRequest, jobFilter } from "../core/job-request.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import type { Ports } from "../ports.ts";
import { startJob } from "../usecases/start-job.ts";
import { jobStarted } from "./job-reply.ts";
import { queueKeyOf } from "./queue-key.ts";

/** POST /v1/queues/{queue}/cancel: cancels all pending tasks. */
export const cancelQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: CancelRequest }, async (request) => {
		const order = { kind: "cancel", filter: jobFilter("pending", request.body) } as const;
		return jobStarted(await startJob(ports, queueKeyOf(request), order));
	});
