import { describe, expect, it } from "vitest";
import { formatVersioned, parseVersioned, UnreadableSecretError } from "../../lambda/core/data-key.ts";

describe("a versioned text", () => {
	it.each([
		["v1.AAAA", { version: 1, sealed: "AAAA" }],
		["v12.a-_9", { version: 12, sealed: "a-_9" }],
	])("%s is read and written alike", (text, parts) => {
		expect(parseVersioned(text)).toEqual(parts);
		expect(formatVersioned(parts)).toBe(text);
	});

	it.each([
		"",
		"xv1.AAAA",
		"v1.AAAA\n",
		"v1",
		"v1.",
		"1.AAAA",
		"v0.AAAA",
		"v01.AAAA",
		"v1.AA.AA",
		"v1.AA AA",
		"v9999999999.AA",
	])("is not %j", (text) => expect(parseVersioned(text)).toBeUndefined());
});

it("a secret that will never open is told from other failures by its name, also in a log", () => {
	expect(String(new UnreadableSecretError("damaged"))).toBe("UnreadableSecretError: damaged");
});
