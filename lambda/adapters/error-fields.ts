/** A chain of causes is followed this far. */
const MAX_DEPTH = 5;

type Described = Readonly<{
	type: string;
	message: string;
	code?: string | undefined;
	stack?: string | undefined;
	http_status?: number | undefined;
	aws_request_id?: string | undefined;
	cause?: Described | undefined;
}>;

type AnyError = Error &
	Readonly<{ code?: unknown; $metadata?: { httpStatusCode?: number; requestId?: string } }>;

const UNREADABLE = "a text could not be read";

const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

/** The message of JSON.parse quotes what it could not read, which may be a payload; the stack begins with the message. */
const withoutQuote = (error: AnyError): Pick<Described, "message" | "stack"> => {
	const { message, stack } = error;
	if (!(error instanceof SyntaxError)) return { message, stack };
	return { message: UNREADABLE, stack: stack?.replace(message, UNREADABLE) };
};

/**
 * What the log says of an error: this and nothing else. Libraries hang all sorts of things on their errors, such as the
 * item that stood in the way of a write, with its payload.
 */
export const errorFields = (error: unknown, depth = 1): Described => {
	if (!(error instanceof Error)) return { type: typeof error, message: "not an Error" };
	const { name, code, cause, $metadata } = error as AnyError;
	const { message, stack } = withoutQuote(error);
	return {
		type: name,
		message,
		code: textOf(code),
		stack,
		http_status: $metadata?.httpStatusCode,
		aws_request_id: $metadata?.requestId,
		cause: cause === undefined || depth === MAX_DEPTH ? undefined : errorFields(cause, depth + 1),
	};
};
