import type { ApiEvent } from "../middleware/api-event.ts";
import { headerOf } from "../middleware/api-event.ts";
import type { RouteHandler } from "../middleware/json-route.ts";
import { html } from "../middleware/reply.ts";
import { docsPage } from "../openapi/docs-page.ts";
import { openApiDocument } from "../openapi/document.ts";

/** Where the caller reached us: behind API Gateway and function URLs a header says by which protocol. */
const baseUrlOf = (event: ApiEvent): string =>
	`${headerOf(event, "x-forwarded-proto") ?? "http"}://${event.requestContext.domainName}`;

/** GET /docs: the same as a page; no key needed. */
export const getDocsHandler = (): RouteHandler => async (event) =>
	html(docsPage(openApiDocument(), baseUrlOf(event)));
