import { jobView } from "../core/job-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { getJob } from "../usecases/get-job.ts";
import { queueKeyOf } from "./queue-key.ts";

/** GET /v1/queues/{queue}/jobs/{job_id} */
export const getJobHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async (request) =>
		json(200, jobView(await getJob(ports, { queue: queueKeyOf(request), jobId: request.param("job_id") }))),
	);
