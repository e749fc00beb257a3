import fc, { type Arbitrary } from "fast-check";
import * as z from "zod";

type JsonSchema = Readonly<{
	type?: string;
	enum?: readonly unknown[];
	const?: unknown;
	anyOf?: readonly JsonSchema[];
	properties?: Readonly<Record<string, JsonSchema>>;
	required?: readonly string[];
	items?: JsonSchema;
	minItems?: number;
	maxItems?: number;
	minimum?: number;
	maximum?: number;
	minLength?: number;
	maxLength?: number;
	pattern?: string;
	format?: string;
}>;

/** Values of members that their schema does not describe well enough, by the member's name. */
export type Overrides = Readonly<Record<string, Arbitrary<unknown>>>;

const DAY_MS = 86_400_000;
/** Instants that a client could mean, written as clients write them. */
const instants = fc
	.tuple(
		fc.date({ min: new Date(0), max: new Date(Date.UTC(2200, 0)), noInvalidDate: true }),
		fc.constantFrom("Z", "+00:00", "-23:59", "+14:00"),
	)
	.map(([date, offset]) => date.toISOString().replace("Z", offset));

const strings = ({ pattern, format, minLength = 0, maxLength = 64 }: JsonSchema): Arbitrary<unknown> => {
	if (format === "date-time") return instants;
	if (pattern) return fc.stringMatching(new RegExp(pattern));
	return fc.string({ minLength, maxLength });
};

const objects = ({ properties = {}, required = [] }: JsonSchema, overrides: Overrides): Arbitrary<unknown> =>
	fc.record(
		Object.fromEntries(
			Object.entries(properties).map(([name, member]) => [
				name,
				overrides[name] ?? values(member, overrides),
			]),
		),
		{ requiredKeys: [...required] },
	);

/** Both ends of the range more often than what lies between. */
const integers = ({ minimum = -DAY_MS, maximum = DAY_MS }: JsonSchema): Arbitrary<unknown> => {
	const range = {
		min: Math.max(minimum, Number.MIN_SAFE_INTEGER),
		max: Math.min(maximum, Number.MAX_SAFE_INTEGER),
	};
	return fc.oneof(fc.integer(range), fc.constantFrom(range.min, range.max));
};

const values = (schema: JsonSchema, overrides: Overrides): Arbitrary<unknown> => {
	if (schema.enum) return fc.constantFrom(...schema.enum);
	if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => values(each, overrides)));
	switch (schema.type) {
		case "object":
			return objects(schema, overrides);
		case "array":
			return fc.array(values(schema.items ?? {}, overrides), {
				minLength: schema.minItems ?? 0,
				maxLength: Math.min(schema.maxItems ?? 8, 8),
			});
		case "string":
			return strings(schema);
		case "integer":
			return integers(schema);
		case "boolean":
			return fc.boolean();
		case "null":
			return fc.constant(null);
		default:
			return fc.jsonValue({ maxDepth: 2 });
	}
};

/** What the schema accepts, drawn from the schema itself: a new member is fuzzed without a word here. */
export const accepted = (schema: z.ZodType, overrides: Overrides = {}): Arbitrary<unknown> =>
	values(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema, overrides);
