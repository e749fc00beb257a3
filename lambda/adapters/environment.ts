import type * as z from "zod";

/** Environment variables as the schema's output. Throws an Error that names every one that is missing or wrong. */
export const parseEnvironment = <Output>(
	schema: z.ZodType<Output>,
	env: Readonly<Record<string, string | undefined>>,
): Output => {
	const result = schema.safeParse(env);
	if (result.success) return result.data;
	const faults = result.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
	throw new Error(`These environment variables are not usable:\n${faults.join("\n")}`);
};
