import middy from "@middy/core";
import type { ApiEvent, ApiResult } from "../lambda/middleware/api-event.ts";
import type { RouteHandler } from "../lambda/middleware/json-route.ts";
import { problemDetails } from "../lambda/middleware/problem-details.ts";
import { requestLog } from "../lambda/middleware/request-log.ts";
import type { Log } from "../lambda/ports.ts";
import { METRICS_PATH, type PrometheusMetrics } from "./prometheus-metrics.ts";

/** `/metrics` is answered where there are any, with a log and problems like the API's; everything else by the API. */
export const withMetrics = (
	api: RouteHandler,
	metrics: PrometheusMetrics | undefined,
	log: Log,
): RouteHandler => {
	if (!metrics) return api;
	const scrape = middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(requestLog(log))
		.use(problemDetails(log))
		.handler(async (event: ApiEvent) => metrics.handle(event)) as RouteHandler;
	return (event, context) => (event.rawPath === METRICS_PATH ? scrape : api)(event, context);
};
