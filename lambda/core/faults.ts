import type * as z from "zod";
import { AsyncQueueError, type Fault } from "./errors.ts";

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join(".");

const faultsOfIssue = (issue: z.core.$ZodIssue): Fault[] =>
	issue.code === "unrecognized_keys"
		? issue.keys.map((key) => ({ path: dotted([...issue.path, key]), message: "is not a known member" }))
		: [{ path: dotted(issue.path), message: issue.message }];

const sentence = (faults: readonly Fault[]): string =>
	faults.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");

/** An `invalid_request` that lists every fault. */
export const invalidRequest = (faults: readonly Fault[]): AsyncQueueError =>
	new AsyncQueueError("invalid_request", sentence(faults), { faults });

/** `input` as the schema's output, or `invalid_request` with every fault, not just the first. */
export const validate = <Output>(schema: z.ZodType<Output>, input: unknown): Output => {
	const result = schema.safeParse(input);
	if (result.success) return result.data;
	throw invalidRequest(result.error.issues.flatMap(faultsOfIssue));
};

/** The same for a value that is not part of a body, with every fault at `path`: a header or a part of the URL. */
export const validateAt = <Output>(path: string, schema: z.ZodType<Output>, input: unknown): Output => {
	const result = schema.safeParse(input);
	if (result.success) return result.data;
	throw invalidRequest(result.error.issues.map(({ message }) => ({ path, message })));
};
