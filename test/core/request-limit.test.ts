import { describe, expect, it } from "vitest";
import { RequestLimitText } from "../../lambda/core/request-limit.ts";

const faultsOf = (text: string): string[] =>
	RequestLimitText.safeParse(text).error?.issues.map(({ message }) => message) ?? [];

describe("a limit of requests", () => {
	it.each([
		["600/60", { requests: 600, seconds: 60 }],
		["100/1", { requests: 100, seconds: 1 }],
		["1000000/86400", { requests: 1_000_000, seconds: 86_400 }],
	])("is written %s", (text, limit) => {
		expect(RequestLimitText.parse(text)).toEqual(limit);
	});

	it.each(["", "600", "600/", "/60", "600/60s", "600 / 60", "-600/60", "6e2/60", "600/60/1", "600/0.5"])(
		"is not written %j",
		(text) => expect(faultsOf(text)).toEqual(["must look like 600/60: requests / seconds"]),
	);

	it("has room for the largest batch, and ends somewhere", () => {
		const message = "must allow 100 to 1000000 requests; a batch counts as many as it has tasks";
		expect(faultsOf("99/60")).toEqual([message]);
		expect(faultsOf("1000001/60")).toEqual([message]);
	});

	it("is about a second to a day", () => {
		expect(faultsOf("600/0")).toEqual(["must be about 1 to 86400 seconds"]);
		expect(faultsOf("600/86401")).toEqual(["must be about 1 to 86400 seconds"]);
	});
});
