import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdempotencyKey, requestFingerprint } from "../../lambda/core/idempotency.ts";

const fingerprintOf = (json: string): string => requestFingerprint(JSON.parse(json));

/** The same JSON with the members of every object in reverse order. */
const reversed = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(reversed);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([name, member]) => [name, reversed(member)]),
	);
};

describe("the fingerprint of a request", () => {
	it("does not depend on the order of members, at any depth", () => {
		expect(fingerprintOf('{"a":1,"b":{"c":2,"d":[{"e":3,"f":4}]}}')).toBe(
			fingerprintOf('{"b":{"d":[{"f":4,"e":3}],"c":2},"a":1}'),
		);
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(requestFingerprint(reversed(value))).toBe(requestFingerprint(value));
			}),
		);
	});

	it.each([
		["the order of an array", '{"a":[1,2]}', '{"a":[2,1]}'],
		["a value", '{"a":1}', '{"a":2}'],
		["the type of a value", '{"a":1}', '{"a":"1"}'],
		["null and absence", '{"a":null}', "{}"],
		["an object and an array", '{"a":{}}', '{"a":[]}'],
		["the name of a member", '{"a":1}', '{"b":1}'],
		["where a member is", '{"a":{"b":1}}', '{"a":{},"b":1}'],
		["a member called __proto__", '{"payload":{"__proto__":{"a":1}}}', '{"payload":{}}'],
		["what is in __proto__", '{"payload":{"__proto__":{"a":1}}}', '{"payload":{"__proto__":{"a":2}}}'],
		["a member called toJSON", '{"payload":{"toJSON":"x"}}', '{"payload":{"toJSON":"y"}}'],
	])("depends on %s", (_, one, other) => {
		expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
	});

	it("does not depend on how the JSON is written", () => {
		expect(fingerprintOf('{ "a" : 1.0 , "b" : "\\u0041" }')).toBe(fingerprintOf('{"a":1,"b":"A"}'));
	});

	it("stays as it is: requests that are remembered are recognised after an update", () => {
		expect(requestFingerprint({ queue: "emails", payload: { b: 1, a: [2] } })).toBe(
			"d1937a56657a40da103c5ff90ff843940e81e8a92ff0586c4e20b7f7808ba84c",
		);
	});
});

describe("an Idempotency-Key", () => {
	it.each(["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", " ", '"quoted"', "x".repeat(255)])(
		"may be %j",
		(key) => {
			expect(IdempotencyKey.safeParse(key).success).toBe(true);
		},
	);

	it.each(["", "x".repeat(256), "ü", "a\nb", "a\u007f"])("may not be %j", (key) => {
		expect(IdempotencyKey.safeParse(key).error?.issues).toEqual([
			expect.objectContaining({ message: "must be 1-255 printable ASCII characters" }),
		]);
	});
});
