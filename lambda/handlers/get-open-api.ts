import type { RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";

/** GET /openapi.json: this API, described; no key needed. */
export const getOpenApiHandler = (): RouteHandler => async () => {
	// Only when asked for: its schemas would double those that every start of the function has to build.
	const { openApiDocument } = await import("../openapi/document.ts");
	return json(200, openApiDocument());
};
