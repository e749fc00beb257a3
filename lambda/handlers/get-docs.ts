import { type ApiEvent, headerOf } from "../middleware/api-event.ts";
import type { RouteHandler } from "../middleware/json-route.ts";
import { html } from "../middleware/reply.ts";

/** Where the caller reached us: behind API Gateway and function URLs a header says by which protocol. */
const baseUrlOf = (event: ApiEvent): string =>
	`${headerOf(event, "x-forwarded-proto") ?? "http"}://${headerOf(event, "host") ?? event.requestContext.domainName}`;

/** GET /docs: the same as a page; no key needed. */
export const getDocsHandler = (): RouteHandler => async (event) => {
	// Only when asked for, as in GET /openapi.json.
	const [{ openApiDocument }, { docsPage }] = await Promise.all([
		import("../openapi/document.ts"),
		import("../openapi/docs-page.ts"),
	]);
	return html(docsPage(openApiDocument(), baseUrlOf(event)));
};
