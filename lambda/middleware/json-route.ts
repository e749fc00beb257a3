import middy from "@middy/core";
import type * as z from "zod";
import { AsyncQueueError } from "../core/errors.ts";
import { validate } from "../core/faults.ts";
import type { Principal } from "../core/principal.ts";
import type { Ports } from "../ports.ts";
import { type ApiEvent, type ApiResult, headerOf } from "./api-event.ts";
import { authenticated } from "./authenticate.ts";
import { jsonBody } from "./json-body.ts";

/** One request with everything checked that does not depend on the route's meaning. */
export type RouteRequest<Body> = Readonly<{
	principal: Principal;
	body: Body;
	/** A path parameter, as in the route's `{name}`. */
	param: (name: string) => string;
	query: Readonly<Record<string, string | undefined>>;
	header: (name: string) => string | undefined;
}>;

export type RouteHandler = (event: ApiEvent, context: unknown) => Promise<ApiResult>;

type RouteOptions<Body> = Readonly<{
	schema?: z.ZodType<Body>;
	/** Largest body accepted, in bytes. */
	maxBytes?: number;
}>;

const DEFAULT_MAX_BYTES = 16_384;

const principalOf = (event: ApiEvent): Principal => {
	const principal = event.requestContext.authorizer?.lambda;
	if (!principal) throw new AsyncQueueError("api_key_required", "API key required");
	return principal;
};

/** A route for keys only: authenticate → read JSON → validate → `respond`. Errors travel up to `problemDetails`. */
export const jsonRoute = <Body>(
	ports: Ports,
	{ schema, maxBytes = DEFAULT_MAX_BYTES }: RouteOptions<Body>,
	respond: (request: RouteRequest<Body>) => Promise<ApiResult>,
): RouteHandler =>
	middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(authenticated(ports))
		.handler(async (event: ApiEvent) =>
			respond({
				principal: principalOf(event),
				body: schema ? validate(schema, jsonBody(event, maxBytes)) : (undefined as Body),
				param: (name) => event.pathParameters?.[name] ?? "",
				query: event.queryStringParameters ?? {},
				header: (name) => headerOf(event, name),
			}),
		) as RouteHandler;
