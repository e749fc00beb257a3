import { RotateApiKey } from "../core/api-key.ts";
import { jsonRoute, type RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import type { Ports } from "../ports.ts";
import { rotateApiKey } from "../usecases/rotate-api-key.ts";
import { issuedKeyView } from "./api-key-view.ts";

/** POST /v1/apikeys/{key_id}/rotate */
export const rotateApiKeyHandler = (ports: Ports): RouteHandler =>
	jsonRoute(ports, { schema: RotateApiKey }, async ({ principal, param, body }) =>
		json(
			200,
			issuedKeyView(await rotateApiKey(ports, principal.teamId, param("key_id"), body.overlap_seconds)),
		),
	);
