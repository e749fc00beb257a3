import { VERSION } from "../core/version.ts";
import { type Operation, routes } from "../routes.ts";
import { jsonSchemaOf, schemaComponents } from "./json-schemas.ts";
import type { OpenApiDocument, PathOperation } from "./open-api-document.ts";
import { type OperationDescription, tags } from "./operation-description.ts";
import { operations } from "./operations.ts";
import { parametersOf } from "./parameters.ts";
import { headerComponents, problemComponents, responsesOf } from "./responses.ts";
import { webhookOperation } from "./webhook.ts";

const ABOUT = `POST a task; when it is due it is POSTed, signed, to your webhook, and retried until the webhook answers 2xx.

JSON in and out. Instants are ISO 8601 in UTC, durations whole seconds unless their name says otherwise. Members that are not known are refused in requests; ignore those that you do not know in responses.

Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\`. Beside those listed with each operation, a path that does not exist is answered with 404 \`route_not_found\`, and a method that a path does not have with 405 \`method_not_allowed\` and \`Allow\`.

Where the operator limits each team's requests, every answer to a valid key has \`RateLimit-Policy\` and \`RateLimit\`, and what is above the limit is refused with 429 \`rate_limited\` and \`Retry-After\`.`;

type Route = (typeof routes)[number];

/** Operation ids are unique: a second route of the same operation is told by its method. */
const operationIdOf = ({ operation, method }: Route, isFirst: boolean): string =>
	isFirst ? operation : `${operation}By${method[0]}${method.slice(1).toLowerCase()}`;

const requestBodyOf = ({ body }: OperationDescription): Pick<PathOperation, "requestBody"> => {
	if (!body) return {};
	const { schema, examples } = body;
	const content = { "application/json": { schema: jsonSchemaOf(schema, "input"), examples } };
	// An absent body is read as {}.
	return { requestBody: { required: !schema.safeParse({}).success, content } };
};

const operationOf = (route: Route, isFirst: boolean): PathOperation => {
	const description = operations[route.operation];
	return {
		operationId: operationIdOf(route, isFirst),
		tags: [description.tag],
		summary: description.summary,
		description: description.description,
		...(description.isPublic ? { security: [] } : {}),
		parameters: parametersOf(route.path, description),
		...requestBodyOf(description),
		responses: responsesOf(description),
	};
};

const paths = (): OpenApiDocument["paths"] => {
	const described: Record<string, Record<string, PathOperation>> = {};
	const seen = new Set<Operation>();
	for (const route of routes) {
		const isFirst = !seen.has(route.operation);
		seen.add(route.operation);
		described[route.path] = {
			...described[route.path],
			[route.method.toLowerCase()]: operationOf(route, isFirst),
		};
	}
	return described;
};

const build = (): OpenApiDocument => ({
	openapi: "3.1.1",
	info: {
		title: "AsyncQueue",
		version: VERSION,
		summary: "An HTTP task queue for your own infrastructure.",
		description: ABOUT,
		license: { name: "MIT", identifier: "MIT" },
	},
	servers: [{ url: "/", description: "Where this document is." }],
	tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
	security: [{ bearer: [] }, { apiKeyHeader: [] }],
	paths: paths(),
	webhooks: { task: { post: webhookOperation() } },
	components: {
		schemas: schemaComponents(),
		responses: problemComponents(Object.values(operations)),
		headers: headerComponents,
		securitySchemes: {
			bearer: {
				type: "http",
				scheme: "bearer",
				description: "`Authorization: Bearer <key>`: an API key, `aq_live_…` or `aq_test_…`.",
			},
			apiKeyHeader: {
				type: "apiKey",
				in: "header",
				name: "X-API-Key",
				description: "The same key, where `Authorization` is not free.",
			},
		},
	},
});

let document: OpenApiDocument | undefined;

/** The API as OpenAPI 3.1, made of the routes, their descriptions and the schemas that validate: once, when asked for. */
export const openApiDocument = (): OpenApiDocument => {
	document ??= build();
	return document;
};
