import fc, { type Arbitrary } from "fast-check";

const nested = (open: string, close: string, levels: number): string =>
	open.repeat(levels) + close.repeat(levels);

/** Values that parsers, validators and databases stumble over. None of them names an address outside this machine. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
	{ weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
	{
		weight: 4,
		arbitrary: fc.constantFrom<unknown>(
			...[null, true, "", " ", -1, 0, -0, 1.5, 21, 86_401, 31_536_001, 1e21, 2 ** 53 + 2, Number.MIN_VALUE],
			...[[], {}, [[]], [null], { toString: null, valueOf: 1 }, { length: -1 }],
			...[
				"\0",
				"a\0b",
				"\ud800",
				"x\udfff",
				"\u202e",
				"__proto__",
				"constructor",
				"../..",
				"%00",
				"\r\nX: y",
			],
			...["1", "true", "null", "[object Object]", "' OR 1=1 --", "{{7*7}}"],
			...[
				"x".repeat(65),
				"x".repeat(2_049),
				"é".repeat(1_000),
				"9999-12-31T23:59:59.999Z",
				"2026-02-30T00:00:00Z",
			],
			...["2026-06-30T23:59:60Z", "0000-01-01T00:00:00+23:59", "2026-11-24T24:00:00Z", "2026-11-24"],
			...[
				"http://",
				"ftp://127.0.0.1/",
				"http://a:b@127.0.0.1/",
				"http://127.0.0.1:99999/",
				"http:127.0.0.1",
			],
			...[
				"http://127.0.0.1:9/\0",
				"http://127.0.0.1:9/\ud800",
				"http://127.0.0.1:9/a b\tc\n",
				"javascript:alert(1)",
			],
			...[
				"http://[::1]:9/",
				"http://127.1:9/",
				"http://0x7f000001:9/",
				"http://127.0.0.1:9/?\u00e9#\u{1f600}",
			],
		),
	},
	{ weight: 1, arbitrary: fc.constantFrom(101, 500).map((levels) => JSON.parse(nested("[", "]", levels))) },
	{ weight: 1, arbitrary: fc.constant(Array.from({ length: 2_000 }, (_, index) => index)) },
);

/** Names of members that no schema knows, and that JavaScript knows too well. */
export const hostileName: Arbitrary<string> = fc.oneof(
	fc.constantFrom(
		"__proto__",
		"constructor",
		"prototype",
		"toString",
		"hasOwnProperty",
		"then",
		"",
		"\0",
		"\ud800",
	),
	fc.constantFrom("Queue", "webhookUrl", "id", "status", "team_id", "mode", "x".repeat(3_000), "0"),
	fc.string({ maxLength: 12 }),
);

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** A member defined as JSON.parse would do it: `__proto__` is a name like any other. */
const withMember = (value: Record<string, unknown>, name: string, member: unknown): Record<string, unknown> =>
	Object.fromEntries([...Object.entries(value), [name, member]]);

/** An acceptable object with one thing wrong, as far as chance wants it: a member replaced, left out, or added. */
export const withOneFault = (acceptable: Arbitrary<unknown>): Arbitrary<unknown> =>
	fc
		.tuple(
			acceptable,
			fc.nat(),
			hostileName,
			hostileValue,
			fc.constantFrom("replace", "remove", "add", "instead"),
		)
		.map(([value, pick, name, hostile, how]) => {
			if (!isObject(value) || how === "instead") return hostile;
			const names = Object.keys(value);
			const chosen = names[pick % Math.max(1, names.length)];
			if (how === "add" || chosen === undefined) return withMember(value, name, hostile);
			if (how === "replace") return withMember(value, chosen, hostile);
			return Object.fromEntries(Object.entries(value).filter(([each]) => each !== chosen));
		});

const intoObject = (text: string, members: string): string =>
	text.replace(/^\{/, `{${members},`).replace(",}", "}");

const spliced = (bytes: Buffer, at: number, ...inserted: number[]): Buffer => {
	const place = at % (bytes.length + 1);
	return Buffer.concat([bytes.subarray(0, place), Buffer.from(inserted), bytes.subarray(place)]);
};

/** Ways to spoil the text of a JSON body. `at` is any number. */
const spoilers: readonly ((text: string, at: number) => string | Buffer)[] = [
	(text, at) => text.slice(0, at % (text.length + 1)),
	(text) => text + text,
	(text) => `\ufeff${text}`,
	(text) => `${text},`,
	(text) => text.replaceAll('"', "'"),
	(text) => intoObject(text, '"queue":"first","queue":"second"'),
	(text) => intoObject(text, '"__proto__":{"queue":"q0","isAdmin":true}'),
	(text) => intoObject(text, '"constructor":{"prototype":{"x":1}}'),
	(text) => intoObject(text, '"payload":{"n":1e999}'),
	(text) => intoObject(text, '"payload":{"n":-0,"big":123456789012345678901234567890,"tiny":1e-999}'),
	(text) => intoObject(text, '"payload":{"lone":"\\ud800","nul":"\\u0000","\\udfff":1}'),
	(text) => intoObject(text, '"delay":1e999'),
	(text) => intoObject(text, '"delay":-0'),
	(text) => intoObject(text, '"payload":{"__proto__":{"a":1},"a":NaN}'),
	(text) => intoObject(text, `"payload":${nested('{"a":', "}", 30_000).replace(":}", ":1}")}`),
	(text) => nested("[", "]", 60_000) + text,
	(text) => " \n\t".repeat(2_000) + text,
	(text) => `// a comment\n${text}`,
	(text) => Buffer.from(text, "utf16le"),
	(text, at) => spliced(Buffer.from(text), at, 0xc0, 0xaf),
	(text, at) => spliced(Buffer.from(text), at, 0xed, 0xa0, 0x80),
	(text, at) => spliced(Buffer.from(text), at, 0xff),
	(text, at) => spliced(Buffer.from(text), at, 0),
	(text) => Buffer.concat([Buffer.from(text), Buffer.alloc(64)]),
];

const bytesOf = (text: string | Buffer): Buffer => (typeof text === "string" ? Buffer.from(text) : text);

/** The JSON text of `value` with something wrong in the text itself. */
export const spoiledText = (value: Arbitrary<unknown>): Arbitrary<Buffer> =>
	fc
		.tuple(value, fc.constantFrom(...spoilers), fc.nat())
		.map(([json, spoil, at]) => bytesOf(spoil(JSON.stringify(json) ?? "", at)));
