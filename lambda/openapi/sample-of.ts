import type { JsonSchema, OpenApiDocument } from "./open-api-document.ts";

type Schemas = OpenApiDocument["components"]["schemas"];

/** The schema that a reference leads to, or the schema itself. */
export const resolved = (schema: JsonSchema, schemas: Schemas): JsonSchema =>
	(schema.$ref && schemas[schema.$ref.replace("#/components/schemas/", "")]) || schema;

const isSchema = (schema: unknown): schema is JsonSchema => typeof schema === "object" && schema !== null;

const membersOf = (schema: JsonSchema, schemas: Schemas): Record<string, unknown> => {
	const members = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
	return Object.fromEntries(
		members.map(([name, member]) => [name, isSchema(member) ? sampleOf(member, schemas) : null]),
	);
};

/**
 * A value that the schema allows: its own example where it has one, or else made of those of its required members.
 * For showing what a body looks like.
 */
export const sampleOf = (schema: JsonSchema, schemas: Schemas): unknown => {
	const target = resolved(schema, schemas);
	const candidates = [target.examples?.[0], target.default, target.const, target.enum?.[0]];
	const given = candidates.find((candidate) => candidate !== undefined);
	if (given !== undefined) return given;
	const { anyOf, items, type } = target;
	const [first] = anyOf ?? [];
	if (first) return sampleOf(first, schemas);
	if (type === "array") return isSchema(items) && !Array.isArray(items) ? [sampleOf(items, schemas)] : [];
	return type === "object" ? membersOf(target, schemas) : null;
};
