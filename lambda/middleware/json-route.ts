import middy from "@middy/core";
import type * as z from "zod";
import { AsyncQueueError } from "../core/errors.ts";
import { validate } from "../core/faults.ts";
import type { Principal } from "../core/principal.ts";
import type { Ports } from "../ports.ts";
import { type ApiEvent, type ApiResult, headerOf } from "./api-event.ts";
import { authenticated } from "./authenticate.ts";
import { jsonBody } from "./json-body.ts";
import { countRequest } from "./rate-limit.ts";

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
	/** How many requests a valid one counts as against the team's rate limit; one if not given. */
	units?: (body: Body) => number;
}>;

const DEFAULT_MAX_BYTES = 16_384;

const principalOf = (event: ApiEvent): Principal => {
	const principal = event.requestContext.authorizer?.lambda;
	if (!principal) throw new AsyncQueueError("api_key_required", "API key required");
	return principal;
};

/** The body as the schema has it; undefined where a route has none. */
const bodyOf = <Body>(event: ApiEvent, { schema, maxBytes = DEFAULT_MAX_BYTES }: RouteOptions<Body>): Body =>
	schema ? validate(schema, jsonBody(event, maxBytes)) : (undefined as Body);

/**
 * A route for keys only: authenticate → count → read JSON → validate → `respond`. Where the body says what a request
 * counts as, it is read first. Errors travel up to `problemDetails`.
 */
export const jsonRoute = <Body>(
	ports: Ports,
	options: RouteOptions<Body>,
	respond: (request: RouteRequest<Body>) => Promise<ApiResult>,
): RouteHandler =>
	middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(authenticated(ports))
		.handler(async (event: ApiEvent) => {
			const principal = principalOf(event);
			let known: Body | undefined;
			const units = (): number => {
				if (!options.units) return 1;
				known = bodyOf(event, options);
				return options.units(known);
			};
			await countRequest(ports, event, principal.teamId, units);
			return respond({
				principal,
				body: known ?? bodyOf(event, options),
				param: (name) => event.pathParameters?.[name] ?? "",
				query: event.queryStringParameters ?? {},
				header: (name) => headerOf(event, name),
			});
		}) as RouteHandler;
