import { inline, type Markup, markup } from "./markup.ts";
import type { JsonSchema } from "./open-api-document.ts";

const isSchema = (schema: unknown): schema is JsonSchema => typeof schema === "object" && schema !== null;

const nameOf = ($ref: string): string => $ref.replace("#/components/schemas/", "");

/** A link to where a component is described. */
export const schemaLink = ({ $ref = "" }: JsonSchema): Markup =>
	markup`<a href="#schema-${nameOf($ref)}">${nameOf($ref)}</a>`;

/** Such as "1 to 10", "at least 0". */
const rangeOf = (least?: number, most?: number): string => {
	if (least !== undefined && most !== undefined) return `${least} to ${most}`;
	if (least !== undefined) return `at least ${least}`;
	return most === undefined ? "" : `at most ${most}`;
};

const joined = (pieces: readonly Markup[]): Markup[] =>
	pieces.map((piece, index) => (index === 0 ? piece : markup` or ${piece}`));

const code = (value: unknown): Markup => markup`<code>${JSON.stringify(value)}</code>`;

/** What values a schema allows, in a few words. */
const kindOf = (schema: JsonSchema): Markup => {
	const { $ref, anyOf, items, type, format, pattern } = schema;
	if ($ref) return schemaLink(schema);
	if (anyOf) return markup`${joined(anyOf.map(kindOf))}`;
	if (schema.enum) return markup`${joined(schema.enum.map(code))}`;
	if (schema.const !== undefined) return code(schema.const);
	if (type === "array" && isSchema(items) && !Array.isArray(items)) return markup`array of ${kindOf(items)}`;
	const range = rangeOf(schema.minimum, schema.maximum);
	const length = rangeOf(schema.minLength, schema.maxLength);
	const details = [format, range, length && `${length} characters`].filter(Boolean).join(", ");
	return markup`${[type ?? "anything"].flat().join(" or ")}${details && `, ${details}`}${pattern ? markup`, <code>${pattern}</code>` : ""}`;
};

/** One row of a table of members or parameters. */
export const memberRow = (
	name: string,
	schema: JsonSchema,
	isRequired: boolean,
	description: string = schema.description ?? "",
): Markup => {
	const remarks = isRequired
		? markup`required`
		: markup`${schema.default === undefined ? "" : markup`default ${code(schema.default)}`}`;
	return markup`<tr><td><code>${name}</code></td><td>${kindOf(schema)}</td><td>${remarks}</td><td>${inline(description)}</td></tr>`;
};

/** Objects that are described in place: the schema itself, one of its choices, or the items of a list. */
const objectsIn = (schema: JsonSchema): JsonSchema[] => {
	const inPlace = [
		schema,
		...(schema.anyOf ?? []),
		...(isSchema(schema.items) ? [schema.items as JsonSchema] : []),
	];
	return inPlace.filter(({ properties }) => properties !== undefined);
};

const memberRows = (schema: JsonSchema, prefix = ""): Markup[] =>
	Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
		if (!isSchema(member)) return [];
		const path = `${prefix}${name}`;
		const isRequired = schema.required?.includes(name) ?? false;
		return [
			memberRow(path, member, isRequired),
			...objectsIn(member).flatMap((object) => memberRows(object, `${path}.`)),
		];
	});

/** Rows below the headings of a table of members or parameters. */
export const memberTable = (rows: readonly Markup[]): Markup =>
	markup`<table><thead><tr><th>name</th><th>value</th><th></th><th>meaning</th></tr></thead><tbody>${rows}</tbody></table>`;

/** The members of an object, those of objects in it beneath. */
export const schemaTable = (schema: JsonSchema): Markup => memberTable(memberRows(schema));
