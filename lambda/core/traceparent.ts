/** W3C Trace Context, version 00; all-zero ids are invalid. */
const PATTERN = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The header if it is a valid `traceparent`, otherwise undefined: a broken one is dropped, as the standard asks. */
export const validTraceparent = (header: string | undefined): string | undefined =>
	header !== undefined && PATTERN.test(header) ? header : undefined;
