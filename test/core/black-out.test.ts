import { describe, expect, it } from "vitest";
import { blackOut } from "../../lambda/core/black-out.ts";

describe("blacking out", () => {
	it.each([
		[`/v1/apikeys/aq_live_${"x".repeat(32)}/rotate`, "/v1/apikeys/aq_live_xxxx…/rotate"],
		[`aq_test_${"a-_".repeat(9)} aq_live_${"b".repeat(24)}`, "aq_test_a-_a… aq_live_bbbb…"],
		[`t=1,v1=${"0".repeat(64)},v1=${"1".repeat(64)}`, "t=1,v1=…,v1=…"],
		[`v1,${"A".repeat(43)}= v1,${"B+/".repeat(14)}=`, "v1,… v1,…"],
	])("%s", (text, expected) => expect(blackOut(text)).toBe(expected));

	it.each(["", "aq_live_", "aq_live_abcd", "There is no API key key_01M84H3ZNHNV", "v1=short"])(
		"leaves %j as it is",
		(text) => expect(blackOut(text)).toBe(text),
	);
});
