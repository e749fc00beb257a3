import { describe, expect, it } from "vitest";
import { WebhookUrl } from "../../lambda/core/webhook-url.ts";

const faultsOf = (text: unknown) =>
	WebhookUrl.safeParse(text).error?.issues.map(({ message }) => message) ?? [];

describe("a webhook URL", () => {
	it.each([
		"https://example.com",
		"http://example.com:8080/hook?a=b#c",
		"HTTPS://EXAMPLE.COM/",
		"https://bücher.example/ü",
		"https://[2606:4700::1]/",
		`https://example.com/${"x".repeat(2_028)}`,
	])("may be %s, and stays as it was written", (text) => {
		expect(WebhookUrl.parse(text)).toBe(text);
	});

	it.each([
		"",
		"example.com",
		"//example.com",
		"/hook",
		"https:example.com",
		"https://",
		"https://a b/",
		"https://[::1/",
		"https://example.com:99999/",
		"https://1.2.3.256/",
		"ftp://example.com",
		"file:///etc/passwd",
		"javascript:alert(1)",
		"data:text/plain,a",
		" https://example.com",
	])("is not %j", (text) => {
		expect(faultsOf(text)).toEqual(["must be an absolute http or https URL"]);
	});

	it("is well-formed Unicode, or else another URL would be called", () => {
		expect(faultsOf("https://example.com/\ud800")).toEqual(["must be well-formed Unicode"]);
	});

	it.each(["https://user@example.com", "https://:secret@example.com", "https://user:secret@example.com"])(
		"holds no credentials: %s",
		(text) => {
			expect(faultsOf(text)).toEqual(["must not contain a user name or password"]);
		},
	);

	it.each([
		"https://example.com\\@127.0.0.1/",
		"https://exam\tple.com/",
		"https://example.com/\n",
		"https://a\r/b",
	])("has no characters that parsers disagree about: %j", (text) => {
		expect(faultsOf(text)).toEqual(["must not contain backslashes, tabs or other control characters"]);
	});

	it("is at most 2,048 characters long", () => {
		expect(faultsOf(`https://example.com/${"x".repeat(2_029)}`)).toEqual(["must be at most 2048 characters"]);
	});

	it.each([null, 1, {}, ["https://example.com"]])("is a string, not %j", (value) => {
		expect(faultsOf(value)).toHaveLength(1);
	});
});
