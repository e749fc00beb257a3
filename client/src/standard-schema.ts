/**
 * What zod 3.24+, Valibot, ArkType and others have in common (https://standardschema.dev, version 1): the part of it
 * that validates.
 */
export type StandardSchema<Output> = Readonly<{
	"~standard": Readonly<{
		version: 1;
		vendor: string;
		validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
		types?: Readonly<{ input: unknown; output: Output }> | undefined;
	}>;
}>;

type SchemaResult<Output> =
	| Readonly<{ value: Output; issues?: undefined }>
	| Readonly<{ issues: readonly SchemaIssue[] }>;

type SchemaIssue = Readonly<{
	message: string;
	path?: readonly (PropertyKey | Readonly<{ key: PropertyKey }>)[] | undefined;
}>;

/** `items.0.sku: must be a string` */
const sentenceOf = ({ message, path = [] }: SchemaIssue): string => {
	const dotted = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
	return dotted ? `${dotted}: ${message}` : message;
};

/** A payload that the schema refuses. The message names every fault. */
export class PayloadError extends Error {
	override readonly name = "PayloadError";
}

/** The payload as the schema gives it out. Throws `PayloadError`. */
export const validatePayload = async <Output>(
	schema: StandardSchema<Output>,
	payload: unknown,
): Promise<Output> => {
	const result = await schema["~standard"].validate(payload);
	if (result.issues) throw new PayloadError(result.issues.map(sentenceOf).join("; "));
	return result.value;
};
