import { validate } from "../core/faults.ts";
import { DeleteQueueQuery } from "../core/queue.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { noContent } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { deleteQueue } from "../usecases/delete-queue.ts";
import { startJob } from "../usecases/start-job.ts";
import { jobStarted } from "./job-reply.ts";
import { queueKeyOf } from "./queue-key.ts";

/** DELETE /v1/queues/{queue}: with `force=true` also when it has unfinished tasks, by a job. */
export const deleteQueueHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async (request) => {
		const { force } = validate(DeleteQueueQuery, request.query);
		if (force === "true")
			return jobStarted(
				await startJob(ports, queueKeyOf(request), { kind: "delete", filter: { status: "pending" } }),
			);
		await deleteQueue(ports, queueKeyOf(request));
		return noContent();
	});
