/** Which trace a task belongs to, as its creating request said: https://www.w3.org/TR/trace-context/ */
export type TraceContext = Readonly<{ traceparent?: string | undefined; tracestate?: string | undefined }>;

/** One call to a webhook as a part of a trace. Ids are in lower-case hexadecimal. */
export type Span = Readonly<{ traceId: string; spanId: string; parentId: string; traceparent: string }>;

/** §3.2.2: version, trace id, parent id, flags. Versions after 00 may go on behind that; ff and all-zero ids are invalid. */
const TRACEPARENT =
	/^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** `sampled`, and `random` of level 2. §3.2.2.5: whoever writes version 00 sets the others to zero. */
const KNOWN_FLAGS = 0b11;

/** §3.3.1.1: at most so many members. */
const MAX_MEMBERS = 32;

/** §3.3.1.5: so much is to be passed on; longer members go first when there is more. Characters. */
const MAX_LENGTH = 512;
const LONG_MEMBER = 128;

/** §3.3.1.3 of level 2: a key, and a value of printable characters but `,` and `=` that does not end in a space. */
const MEMBER = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** A valid `traceparent` in the form of version 00, otherwise undefined. */
const validTraceparent = (header: string): string | undefined => {
	const [, version, traceId, parentId, flags = "", rest] = TRACEPARENT.exec(header) ?? [];
	if (version === undefined || (version === "00" && rest !== undefined)) return undefined;
	const known = Number.parseInt(flags, 16) & KNOWN_FLAGS;
	return `00-${traceId}-${parentId}-0${known}`;
};

const lengthOf = (members: readonly string[]): number => members.join().length;

/** As many members as may be passed on, the first ones first. */
const shortened = (members: readonly string[]): readonly string[] => {
	if (lengthOf(members) <= MAX_LENGTH) return members;
	const short = members.filter(({ length }) => length <= LONG_MEMBER);
	while (lengthOf(short) > MAX_LENGTH) short.pop();
	return short;
};

/** A valid `tracestate`, shortened if need be, otherwise undefined. */
const validTracestate = (header: string): string | undefined => {
	const members = header
		.split(",")
		.map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
		.filter((member) => member !== "");
	const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
	const isValid =
		members.length <= MAX_MEMBERS &&
		keys.size === members.length &&
		members.every((member) => MEMBER.test(member));
	return (isValid && shortened(members).join()) || undefined;
};

/**
 * What can be passed on of the two headers of a request. What is broken is dropped, as the standard asks: a broken
 * `traceparent` with its `tracestate`, a broken `tracestate` alone.
 */
export const traceContextOf = (header: (name: string) => string | undefined): TraceContext => {
	const traceparent = validTraceparent(header("traceparent") ?? "");
	if (traceparent === undefined) return {};
	const tracestate = validTracestate(header("tracestate") ?? "");
	return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Bytes of a span id. */
export const SPAN_ID_BYTES = 8;

/**
 * The next call of a task, as a child of its creating request: the same trace and flags, and an id of its own, of
 * `bytes` random ones. Undefined for a task that belongs to no trace.
 */
export const nextSpan = ({ traceparent }: TraceContext, bytes: () => Uint8Array): Span | undefined => {
	if (traceparent === undefined) return undefined;
	const [version, traceId = "", parentId = "", flags] = traceparent.split("-");
	const id = hex(bytes());
	// Invalid, and as likely as any other.
	const spanId = /^0+$/.test(id) ? id.replace(/0$/, "1") : id;
	return { traceId, spanId, parentId, traceparent: `${version}-${traceId}-${spanId}-${flags}` };
};
