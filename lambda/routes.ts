/**
 * Every route of the API, as data: the handlers are built from it, the local server and the stack serve it.
 * Paths are written as API Gateway writes them.
 */
export const routes = [
	{ method: "GET", path: "/health", operation: "health" },
	{ method: "GET", path: "/openapi.json", operation: "getOpenApi" },
	{ method: "GET", path: "/docs", operation: "getDocs" },
	{ method: "POST", path: "/v1/tasks", operation: "createTask" },
	{ method: "GET", path: "/v1/tasks", operation: "listTasks" },
	{ method: "POST", path: "/v1/tasks/batch", operation: "createTaskBatch" },
	{ method: "GET", path: "/v1/tasks/{task_id}", operation: "getTask" },
	{ method: "DELETE", path: "/v1/tasks/{task_id}", operation: "cancelTask" },
	{ method: "POST", path: "/v1/tasks/{task_id}/cancel", operation: "cancelTask" },
	{ method: "POST", path: "/v1/tasks/{task_id}/retry", operation: "retryTask" },
	{ method: "GET", path: "/v1/queues", operation: "listQueues" },
	{ method: "GET", path: "/v1/queues/{queue}", operation: "getQueue" },
	{ method: "PUT", path: "/v1/queues/{queue}", operation: "putQueue" },
	{ method: "PATCH", path: "/v1/queues/{queue}", operation: "patchQueue" },
	{ method: "DELETE", path: "/v1/queues/{queue}", operation: "deleteQueue" },
	{ method: "POST", path: "/v1/queues/{queue}/pause", operation: "pauseQueue" },
	{ method: "POST", path: "/v1/queues/{queue}/resume", operation: "resumeQueue" },
	{ method: "POST", path: "/v1/queues/{queue}/redrive", operation: "redriveQueue" },
	{ method: "POST", path: "/v1/queues/{queue}/cancel", operation: "cancelQueue" },
	{ method: "POST", path: "/v1/queues/{queue}/purge", operation: "purgeQueue" },
	{ method: "GET", path: "/v1/queues/{queue}/jobs/{job_id}", operation: "getJob" },
	{ method: "GET", path: "/v1/apikeys", operation: "listApiKeys" },
	{ method: "POST", path: "/v1/apikeys", operation: "createApiKey" },
	{ method: "DELETE", path: "/v1/apikeys/{key_id}", operation: "revokeApiKey" },
	{ method: "POST", path: "/v1/apikeys/{key_id}/rotate", operation: "rotateApiKey" },
] as const;

export type Operation = (typeof routes)[number]["operation"];

const pathPattern = (path: string): RegExp =>
	new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+")}/?$`);

const patterns = routes.map(({ method, path }) => ({ method, pattern: pathPattern(path) }));

/** The methods that `path` answers to: empty when there is no such route. */
export const allowedMethods = (path: string): string[] =>
	patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
