import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parseRetryAfter } from "../../lambda/core/retry-after.ts";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 7);

describe("a Retry-After header", () => {
	afterEach(() => vi.unstubAllEnvs());

	it.each([
		["0", 0],
		["120", 120],
		[" 120 ", 120],
		["007", 7],
		["99999999999999999999", 1e20],
		["9".repeat(400), Number.POSITIVE_INFINITY],
	])("of %s is that many seconds", (value, seconds) => {
		expect(parseRetryAfter(value, NOW)).toBe(seconds);
	});

	it.each([
		["IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT"],
		["RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT"],
		["asctime", "Sun Nov  6 08:49:37 1994"],
	])("is a date in the form %s, in GMT wherever we run", (_, value) => {
		for (const zone of ["UTC", "Asia/Tokyo", "America/New_York"]) {
			vi.stubEnv("TZ", zone);
			expect(parseRetryAfter(value, NOW)).toBe(30);
		}
	});

	it("is a date in the form asctime with a day of two digits as well", () => {
		expect(parseRetryAfter("Wed Nov 16 08:49:37 1994", NOW)).toBe(10 * 86_400 + 30);
	});

	it("is rounded up, so that we are never early", () => {
		expect(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOW + 1)).toBe(30);
		expect(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOW + 999)).toBe(30);
		expect(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOW + 1_000)).toBe(29);
	});

	it("is 0 for a date in the past", () => {
		expect(parseRetryAfter("Sat, 05 Nov 1994 08:49:37 GMT", NOW)).toBe(0);
	});

	it.each([
		undefined,
		"",
		"  ",
		"-1",
		"+5",
		"1.5",
		"5 seconds",
		"0x10",
		"1e3",
		"soon",
		"Maybe 5",
		"Later, 2",
		"1994-11-06T08:49:37Z",
		"06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 +0100",
		"Sun, 99 Nov 1994 08:49:37 GMT",
		"Sun, 06 Foo 1994 08:49:37 GMT",
		"Sun Foo  6 08:49:37 1994",
		"Later: Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT (or so)",
		"On Sun Nov  6 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 (or so)",
	])("that cannot be read, such as %j, counts as absent", (value) => {
		expect(parseRetryAfter(value, NOW)).toBeUndefined();
	});

	it("is whole seconds from 0, or absent, whatever the receiver sends", () => {
		fc.assert(
			fc.property(fc.string(), (value) => {
				const seconds = parseRetryAfter(value, NOW) ?? 0;
				expect(seconds).toBeGreaterThanOrEqual(0);
				expect(Number.isInteger(seconds)).toBe(true);
			}),
		);
	});

	it("is understood for every date that JavaScript can write", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (seconds) => {
				expect(parseRetryAfter(new Date(NOW + seconds * 1_000).toUTCString(), NOW)).toBe(seconds);
			}),
		);
	});
});
