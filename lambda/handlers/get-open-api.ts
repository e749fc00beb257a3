import type { RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";
import { openApiDocument } from "../openapi/document.ts";

/** GET /openapi.json: this API, described; no key needed. */
export const getOpenApiHandler = (): RouteHandler => async () => json(200, openApiDocument());
