import fc, { type Arbitrary } from "fast-check";
import { hostileName, hostileValue, spoiledText, withOneFault } from "./hostile-json.ts";

export type Headers = readonly (readonly [name: string, value: string])[];

export const RIGHT_KEY: Headers = [["Authorization", "Bearer {key:live}"]];

const keys: Arbitrary<Headers> = fc.constantFrom<Headers>(
	...([RIGHT_KEY, [["authorization", "bearer  {key:test} "]], [["X-API-Key", "{key:live}"]]] as const),
	...([
		[],
		[["Authorization", ""]],
		[["Authorization", "Bearer"]],
		[["Authorization", "Basic YTpi"]],
	] as const),
	...([
		[["Authorization", "Bearer {key:live}x"]],
		[["X-API-Key", "aq_live_"]],
		[["Authorization", "{key:live}"]],
	] as const),
	[...RIGHT_KEY, ...RIGHT_KEY],
	[["Authorization", `Bearer aq_live_${"a".repeat(5_000)}`]],
);

const headerName = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,24}$/);
const latin1 = fc.array(
	fc.integer({ min: 1, max: 255 }).filter((code) => code !== 10 && code !== 13),
	{ maxLength: 40 },
);
const headerValue = fc.oneof(
	latin1.map((codes) => String.fromCharCode(...codes)),
	fc.stringMatching(/^[ -~]{0,60}$/),
	fc.constantFrom("", "\0", "a".repeat(9_000), "x, y", "__proto__"),
);

const FRAMING = /^(?:host|content-length|transfer-encoding|connection|expect|upgrade|trailer|te)$/i;

const oddHeaders: Arbitrary<Headers> = fc.array(
	fc.tuple(
		fc.oneof(
			headerName.filter((name) => !FRAMING.test(name)),
			fc.constantFrom(
				"Idempotency-Key",
				"traceparent",
				"Cookie",
				"__proto__",
				"X-Request-Id",
				"X-HTTP-Method-Override",
			),
			fc.constantFrom(
				"Accept",
				"Content-Encoding",
				"X-Forwarded-For",
				"Origin",
				"Range",
				"If-Match",
				"constructor",
			),
		),
		headerValue,
	),
	{ maxLength: 4 },
);

const wrongType: Arbitrary<Headers> = fc.constantFrom<Headers>(
	...([
		[],
		[["Content-Type", ""]],
		[["Content-Type", "text/plain"]],
		[["Content-Type", "application/jsonx"]],
	] as const),
	[
		["Content-Type", "application/json"],
		["Content-Type", "text/plain"],
	],
	[["Content-Type", "multipart/form-data; boundary=x"]],
	[["Content-Type", `application/${"+".repeat(3_000)}`]],
);

const oddSegment = fc.oneof(
	fc.string({ minLength: 1, maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
	fc.stringMatching(/^[!$&-;=@-~]{1,30}$/).filter((text) => !/[?#]/.test(text)),
	fc.constantFrom(
		"%",
		"%zz",
		"%00",
		"%2e%2e",
		"..",
		"%C0%AF",
		"%ED%A0%80",
		"a%2Fb",
		"\xff\xfe",
		"x".repeat(3_000),
		"__proto__",
	),
	fc.constantFrom(
		"task_",
		"task_01KANV8E00ABCDEFGHJKMNPQRS1SVDYG6",
		"task_7ZZZZZZZZZZZZZZZZZZZZZZZZZ7ZZZZZZ",
		"key_unknown",
	),
	fc.constantFrom("job_01KANV8E00ABCDEFGHJKMNPQRS", "batch", "{task_id}", "{queue}", "{key_id}"),
);

const oddQuery = fc.oneof(
	fc.webQueryParameters(),
	fc.constantFrom(
		"limit=0",
		"limit=1e9",
		"limit=-0",
		"limit=%00",
		"limit=1&limit=2",
		"limit[]=1",
		"limit=0x10",
		"offset=1001",
	),
	fc.constantFrom(
		"cursor=",
		"cursor=%ff",
		"cursor=bm9wZQ",
		`cursor=${"A".repeat(9_000)}`,
		"__proto__=1",
		"constructor=1",
		"&&==&",
	),
	fc.constantFrom(
		"status=pending,failed",
		"queue=%2e%2e",
		"queue=a?b",
		"a".repeat(17_000),
		"force=yes",
		"%",
		"%zz=%zz",
		"=x",
	),
	hostileName.map((name) => `${encodeURIComponent(name.toWellFormed())}=1`),
);

const method = fc.oneof(
	fc.constantFrom(
		"GET",
		"POST",
		"PUT",
		"PATCH",
		"DELETE",
		"HEAD",
		"OPTIONS",
		"TRACE",
		"QUERY",
		"PROPFIND",
		"M-SEARCH",
	),
	fc.stringMatching(/^[A-Z]{1,12}$/).filter((name) => name !== "CONNECT" && name !== "PRI"),
);

export const utf8 = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? "");

export type Parts = Readonly<{
	method: Arbitrary<string>;
	path: Arbitrary<string>;
	query: Arbitrary<string>;
	key: Arbitrary<Headers>;
	type: Arbitrary<Headers>;
	others: Arbitrary<Headers>;
	body: Arbitrary<Uint8Array | null>;
}>;

/** Each part of a request in its odd forms. */
export const oddParts = (path: string, acceptable: Arbitrary<unknown>): Parts => ({
	method,
	path: fc.oneof(
		fc
			.array(oddSegment, { minLength: 3, maxLength: 3 })
			.map(
				([a = "", b = "", c = ""]) =>
					path.replace(/\{[^}]+\}/, () => a).replace(/\{[^}]+\}/, () => b) +
					(path.includes("{") ? "" : `/${c}`),
			),
		fc.array(oddSegment, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`),
	),
	query: oddQuery,
	key: keys,
	type: wrongType,
	others: oddHeaders,
	body: fc.oneof(
		{ weight: 4, arbitrary: withOneFault(acceptable).map(utf8) },
		{ weight: 3, arbitrary: spoiledText(acceptable) },
		{ weight: 1, arbitrary: hostileValue.map(utf8) },
		{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
		{ weight: 1, arbitrary: fc.constant(null) },
	),
});
