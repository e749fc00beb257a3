import type { ApiKeyListView } from "../core/api-key-view.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { apiKeyView } from "./api-key-view.ts";

/** GET /v1/apikeys */
export const listApiKeysHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, {}, async ({ principal }) =>
		json(200, {
			api_keys: (await ports.keys.list(principal.teamId)).map(apiKeyView),
		} satisfies ApiKeyListView),
	);
