import type { MiddlewareObj } from "@middy/core";
import type { Ports } from "../ports.ts";
import { authenticate } from "../usecases/authenticate.ts";
import { type ApiEvent, type ApiResult, headerOf } from "./api-event.ts";

const BEARER = /^Bearer +(\S+) *$/i;

/** `Authorization: Bearer <key>` (RFC 6750 §2.1), or `X-API-Key: <key>`. */
const presentedSecret = (event: ApiEvent): string | undefined => {
	const authorization = headerOf(event, "authorization");
	return authorization === undefined
		? headerOf(event, "x-api-key")
		: (BEARER.exec(authorization)?.[1] ?? "-");
};

/** Finds out who asks and leaves it where API Gateway's own Lambda authorizers do. Refuses everybody else with 401. */
export const authenticated = (ports: Ports): MiddlewareObj<ApiEvent, ApiResult> => ({
	before: async ({ event }) => {
		event.requestContext.authorizer = { lambda: await authenticate(ports, presentedSecret(event)) };
	},
});
