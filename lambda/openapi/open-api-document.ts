import type * as z from "zod";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

type Reference = Readonly<{ $ref: string }>;

export type Parameter = Readonly<{
	name: string;
	in: "path" | "query" | "header";
	required: boolean;
	description?: string | undefined;
	schema: JsonSchema;
}>;

export type MediaTypes = Readonly<
	Record<
		string,
		Readonly<{
			schema: JsonSchema;
			examples?: Readonly<Record<string, Readonly<{ summary: string; value: unknown }>>>;
		}>
	>
>;

export type Header = Readonly<{ description: string; required: boolean; schema: JsonSchema }>;

export type Response = Readonly<{
	description: string;
	headers: Readonly<Record<string, Header | Reference>>;
	content?: MediaTypes;
}>;

export type PathOperation = Readonly<{
	operationId: string;
	tags: readonly [string];
	summary: string;
	description: string;
	/** Only where no key is needed. */
	security?: readonly [];
	parameters: readonly Parameter[];
	requestBody?: Readonly<{ required: boolean; content: MediaTypes }>;
	responses: Readonly<Record<string, Response | Reference>>;
}>;

/** The parts of OpenAPI 3.1 that we use. https://spec.openapis.org/oas/v3.1.1.html */
export type OpenApiDocument = Readonly<{
	openapi: string;
	info: Readonly<{
		title: string;
		version: string;
		summary: string;
		description: string;
		license: Readonly<{ name: string; identifier: string }>;
	}>;
	servers: readonly Readonly<{ url: string; description: string }>[];
	tags: readonly Readonly<{ name: string; description: string }>[];
	security: readonly Readonly<Record<string, readonly string[]>>[];
	/** Path → method in lower case → operation. */
	paths: Readonly<Record<string, Readonly<Record<string, PathOperation>>>>;
	/** What we send. */
	webhooks: Readonly<Record<string, Readonly<{ post: PathOperation }>>>;
	components: Readonly<{
		schemas: Readonly<Record<string, JsonSchema>>;
		responses: Readonly<Record<string, Response>>;
		headers: Readonly<Record<string, Header>>;
		securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>;
	}>;
}>;
