import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { noContent } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { revokeApiKey } from "../usecases/revoke-api-key.ts";

/** DELETE /v1/apikeys/{key_id} */
export const revokeApiKeyHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal, param }) => {
		await revokeApiKey(ports, principal.teamId, param("key_id"));
		return noContent();
	});
