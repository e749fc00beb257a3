import middy from "@middy/core";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import { type ApiEvent, type ApiResult, headerOf } from "../lambda/middleware/api-event.ts";
import type { RouteHandler } from "../lambda/middleware/json-route.ts";
import { problemDetails } from "../lambda/middleware/problem-details.ts";
import { requestLog } from "../lambda/middleware/request-log.ts";
import type { Log } from "../lambda/ports.ts";
import { DEV_PREFIX } from "./dev-tools.ts";
import { METRICS_PATH } from "./prometheus-metrics.ts";

/** `localhost` and the names under it, which lead nowhere else (RFC 6761 §6.3), and IP addresses; a port perhaps. */
const OWN_NAME = /^(([\w-]+\.)*localhost\.?|\d{1,3}(\.\d{1,3}){3}|\[[\da-f:.]+\])(:\d+)?$/i;

const needsNoKey = (path: string): boolean => path === METRICS_PATH || path.startsWith(DEV_PREFIX);

const refuse = ({ rawPath }: ApiEvent): never => {
	throw new AsyncQueueError(
		"route_not_found",
		`${rawPath} needs no key, so it answers only on this machine: ask localhost or 127.0.0.1 for it`,
	);
};

/**
 * Keeps websites away from what needs no key, on a server that only its machine reaches. A website can have its name
 * resolve to 127.0.0.1 while somebody looks at it (DNS rebinding): to the browser this server is then that website, whose
 * script may read and send what it likes. The `Host` of its requests is still that name.
 */
export const underOwnNames = (handler: RouteHandler, log: Log): RouteHandler => {
	const refused = middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(requestLog(log))
		.use(problemDetails(log))
		.handler(refuse) as RouteHandler;
	return (event, context) => {
		const isOwn = OWN_NAME.test(headerOf(event, "host") ?? "localhost");
		return (isOwn || !needsNoKey(event.rawPath) ? handler : refused)(event, context);
	};
};
