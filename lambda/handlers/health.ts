import type { HealthView } from "../core/health-view.ts";
import { VERSION } from "../core/version.ts";
import type { RouteHandler } from "../middleware/json-route.ts";
import { json } from "../middleware/reply.ts";

/** GET /health: the API answers; no key needed. */
export const healthHandler = (): RouteHandler => async () =>
	json(200, { status: "ok", version: VERSION } satisfies HealthView);
