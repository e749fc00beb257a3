import { NewApiKey } from "../core/api-key.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { createApiKey } from "../usecases/create-api-key.ts";
import { issuedKeyView } from "./api-key-view.ts";

/** POST /v1/apikeys */
export const createApiKeyHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: NewApiKey }, async ({ principal, body }) =>
		json(201, issuedKeyView(await createApiKey(ports, principal.teamId, body))),
	);
