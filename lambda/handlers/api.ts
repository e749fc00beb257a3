import middy from "@middy/core";
import httpRouter from "@middy/http-router";
import { AsyncQueueError } from "../core/errors.ts";
import type { ApiEvent, ApiResult } from "../middleware/api-event.ts";
import type { RouteHandler } from "../middleware/json-route.ts";
import { problemDetails } from "../middleware/problem-details.ts";
import { rateLimitHeaders } from "../middleware/rate-limit.ts";
import { requestLog } from "../middleware/request-log.ts";
import type { Ports } from "../ports.ts";
import { allowedMethods, type Operation, routes } from "../routes.ts";
import { cancelQueueHandler } from "./cancel-queue.ts";
import { cancelTaskHandler } from "./cancel-task.ts";
import { createApiKeyHandler } from "./create-api-key.ts";
import { createTaskHandler } from "./create-task.ts";
import { createTaskBatchHandler } from "./create-task-batch.ts";
import { deleteQueueHandler } from "./delete-queue.ts";
import { getDocsHandler } from "./get-docs.ts";
import { getJobHandler } from "./get-job.ts";
import { getOpenApiHandler } from "./get-open-api.ts";
import { getQueueHandler } from "./get-queue.ts";
import { getTaskHandler } from "./get-task.ts";
import { healthHandler } from "./health.ts";
import { listApiKeysHandler } from "./list-api-keys.ts";
import { listQueuesHandler } from "./list-queues.ts";
import { listTasksHandler } from "./list-tasks.ts";
import { patchQueueHandler } from "./patch-queue.ts";
import { pauseQueueHandler } from "./pause-queue.ts";
import { purgeQueueHandler } from "./purge-queue.ts";
import { putQueueHandler } from "./put-queue.ts";
import { redriveQueueHandler } from "./redrive-queue.ts";
import { resumeQueueHandler } from "./resume-queue.ts";
import { retryTaskHandler } from "./retry-task.ts";
import { revokeApiKeyHandler } from "./revoke-api-key.ts";
import { rotateApiKeyHandler } from "./rotate-api-key.ts";

const operations: Record<Operation, (ports: Ports) => RouteHandler> = {
	health: healthHandler,
	getOpenApi: getOpenApiHandler,
	getDocs: getDocsHandler,
	createTask: createTaskHandler,
	createTaskBatch: createTaskBatchHandler,
	listTasks: listTasksHandler,
	getTask: getTaskHandler,
	cancelTask: cancelTaskHandler,
	retryTask: retryTaskHandler,
	getQueue: getQueueHandler,
	putQueue: putQueueHandler,
	patchQueue: patchQueueHandler,
	deleteQueue: deleteQueueHandler,
	listQueues: listQueuesHandler,
	pauseQueue: pauseQueueHandler,
	resumeQueue: resumeQueueHandler,
	redriveQueue: redriveQueueHandler,
	cancelQueue: cancelQueueHandler,
	purgeQueue: purgeQueueHandler,
	getJob: getJobHandler,
	listApiKeys: listApiKeysHandler,
	createApiKey: createApiKeyHandler,
	revokeApiKey: revokeApiKeyHandler,
	rotateApiKey: rotateApiKeyHandler,
};

/** 405 with `Allow` (RFC 9110 §15.5.6) where the path exists, otherwise 404. */
const refuseRoute = ({ method, path }: { method: string; path: string }): never => {
	const allowed = allowedMethods(path);
	if (allowed.length === 0) throw new AsyncQueueError("route_not_found", `There is no route ${path}`);
	throw new AsyncQueueError("method_not_allowed", `${path} does not answer to ${method}`, {
		headers: { allow: allowed.join(", ") },
	});
};

/** Notes which route it is, for the log. */
const onRoute =
	(path: string, handler: RouteHandler): RouteHandler =>
	(event, context) => {
		event.requestContext.route = path;
		return handler(event, context);
	};

/** The whole API as one handler of HTTP API / Function URL events (payload format 2.0). */
export const apiHandler = (ports: Ports): RouteHandler => {
	const router = httpRouter({
		routes: routes.map(({ method, path, operation }) => ({
			method,
			path,
			handler: onRoute(path, operations[operation](ports)),
		})),
		notFoundResponse: refuseRoute,
	});
	return middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(requestLog(ports.log))
		.use(rateLimitHeaders())
		.use(problemDetails(ports.log))
		.handler(router) as RouteHandler;
};
