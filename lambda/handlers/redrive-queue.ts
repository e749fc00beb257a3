import { jobFilter, RedriveRequest } from "../core/job-request.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import type { Ports } from "../ports.ts";
import { startJob } from "../usecases/start-job.ts";
import { jobStarted } from "./job-reply.ts";
import { queueKeyOf } from "./queue-key.ts";

/** POST /v1/queues/{queue}/redrive: all failed tasks again. */
export const redriveQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: RedriveRequest }, async (request) => {
		const order = { kind: "redrive", filter: jobFilter("failed", request.body) } as const;
		return jobStarted(await startJob(ports, queueKeyOf(request), order));
	});
