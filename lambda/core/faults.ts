import type * as z from "zod";
import { AsyncQueueError, type Fault } from "./errors.ts";

/** Faults told of at most, and the length of their paths: an answer must not be many times as long as the request. */
const MAX_FAULTS = 30;
const MAX_PATH_LENGTH = 100;

const dotted = (path: readonly PropertyKey[]): string => {
	const text = path.map(String).join(".");
	return text.length > MAX_PATH_LENGTH ? `${text.slice(0, MAX_PATH_LENGTH)}…` : text;
};

const faultsOfIssue = (issue: z.core.$ZodIssue): Fault[] =>
	issue.code === "unrecognized_keys"
		? issue.keys
				.slice(0, MAX_FAULTS + 1)
				.map((key) => ({ path: dotted([...issue.path, key]), message: "is not a known member" }))
		: [{ path: dotted(issue.path), message: issue.message }];

const sentence = (faults: readonly Fault[]): string =>
	faults.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");

const told = (faults: readonly Fault[]): readonly Fault[] =>
	faults.length > MAX_FAULTS
		? [...faults.slice(0, MAX_FAULTS), { path: "", message: "and more is wrong than is listed" }]
		: faults;

/** An `invalid_request` that lists every fault, up to 30. */
export const invalidRequest = (faults: readonly Fault[]): AsyncQueueError => {
	const listed = told(faults);
	return new AsyncQueueError("invalid_request", sentence(listed), { faults: listed });
};

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
