import { jobFilter, PurgeRequest } from "../core/job-request.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import type { Ports } from "../ports.ts";
import { startJob } from "../usecases/start-job.ts";
import { jobStarted } from "./job-reply.ts";
import { queueKeyOf } from "./queue-key.ts";

/** POST /v1/queues/{queue}/purge: deletes finished tasks for good. */
export const purgeQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: PurgeRequest }, async (request) => {
		const { status, ...limits } = request.body;
		const order = { kind: "purge", filter: jobFilter(status, limits) } as const;
		return jobStarted(await startJob(ports, queueKeyOf(request), order));
	});
