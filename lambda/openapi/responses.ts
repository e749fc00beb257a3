import { type ErrorCode, errorCatalog } from "../core/errors.ts";
import { jsonSchemaOf } from "./json-schemas.ts";
import type { Header, PathOperation, Response } from "./open-api-document.ts";
import type { Answer, OperationDescription } from "./operation-description.ts";

/** Headers of responses. */
export const headerComponents: Readonly<Record<string, Header>> = {
	"X-Request-Id": {
		description: "Identifies the request in our logs.",
		required: true,
		schema: { type: "string", examples: ["6d7f3c1e-4a25-4b0e-9d38-5b1c2f0a7e91"] },
	},
	Location: {
		description: "Path of what was created.",
		required: true,
		schema: { type: "string", format: "uri-reference" },
	},
	"Idempotent-Replayed": {
		description: "`true` when the answer was given before, to an earlier request with the same key.",
		required: false,
		schema: { type: "string", const: "true" },
	},
	"Retry-After": {
		description: "Seconds after which it is worth trying again. Always there with `rate_limited`.",
		required: false,
		schema: { type: "string", pattern: "^[0-9]+$", examples: ["13"] },
	},
	"RateLimit-Policy": {
		description: "What a team may ask: `q` requests in any `w` seconds. Only where the operator limits that.",
		required: false,
		schema: { type: "string", examples: ['"team";q=600;w=60'] },
	},
	RateLimit: {
		description: "What is left of it: `r` requests, for the next `t` seconds. Left out when nobody knows.",
		required: false,
		schema: { type: "string", examples: ['"team";r=42;t=13'] },
	},
};

const headersOf = (names: readonly string[] = []): Response["headers"] =>
	Object.fromEntries(
		["X-Request-Id", ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
	);

const contentOf = ({ schema, contentType }: Answer): Pick<Response, "content"> => {
	if (schema) return { content: { "application/json": { schema: jsonSchemaOf(schema, "output") } } };
	return contentType ? { content: { [contentType]: { schema: { type: "string" } } } } : {};
};

const answers = (description: OperationDescription): PathOperation["responses"] =>
	Object.fromEntries(
		Object.entries(description.answers).map(([status, answer]) => [
			status,
			{ description: answer.description, headers: headersOf(answer.headers), ...contentOf(answer) },
		]),
	);

/** Met by any request: one that is not HTTP, too slow or too large to be read, and our own faults. */
const ALWAYS: readonly ErrorCode[] = [
	"malformed_request",
	"request_timeout",
	"body_too_large",
	"headers_too_large",
	"internal_error",
	"unavailable",
];

/** Every code that an operation can answer with: its own, and those that follow from what it takes. */
export const errorCodesOf = ({ isPublic, query, headers, body, errors = [] }: OperationDescription) =>
	new Set<ErrorCode>([
		...(isPublic ? [] : (["api_key_required", "invalid_api_key", "rate_limited"] as const)),
		...(body ? (["malformed_json", "unsupported_media_type"] as const) : []),
		...(body || query || headers ? (["invalid_request"] as const) : []),
		...errors,
		...ALWAYS,
	]);

/** In the order of the catalog, so that the same codes always make the same response. */
const byStatus = (codes: ReadonlySet<ErrorCode>): Map<number, ErrorCode[]> => {
	const grouped = new Map<number, ErrorCode[]>();
	for (const code of Object.keys(errorCatalog) as ErrorCode[]) {
		const { status } = errorCatalog[code];
		if (codes.has(code)) grouped.set(status, [...(grouped.get(status) ?? []), code]);
	}
	return grouped;
};

/** Headers of errors that pass. */
const headersOfError: Partial<Record<ErrorCode, readonly string[]>> = {
	rate_limited: ["Retry-After", "RateLimit-Policy", "RateLimit"],
	unavailable: ["Retry-After"],
};

const problemResponse = (codes: readonly ErrorCode[]): Response => ({
	description: codes.map((code) => `${errorCatalog[code].title} (\`${code}\`)`).join(", or "),
	headers: headersOf(codes.flatMap((code) => headersOfError[code] ?? [])),
	content: {
		"application/problem+json": {
			schema: { $ref: "#/components/schemas/Problem", properties: { code: { enum: [...codes] } } },
		},
	},
});

/** Such as `TaskNotFound`, or `MalformedJsonOrInvalidRequest`. */
const nameOf = (codes: readonly ErrorCode[]): string =>
	codes
		.map((code) => code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()))
		.join("Or");

/** Errors that operations share, by name. */
export const problemComponents = (
	descriptions: readonly OperationDescription[],
): Readonly<Record<string, Response>> => {
	const groups = descriptions.flatMap((description) => [...byStatus(errorCodesOf(description)).values()]);
	return Object.fromEntries(groups.map((codes) => [nameOf(codes), problemResponse(codes)]));
};

/** Everything that an operation can answer, by status. */
export const responsesOf = (description: OperationDescription): PathOperation["responses"] => ({
	...answers(description),
	...Object.fromEntries(
		[...byStatus(errorCodesOf(description))].map(([status, codes]) => [
			status,
			{ $ref: `#/components/responses/${nameOf(codes)}` },
		]),
	),
});
