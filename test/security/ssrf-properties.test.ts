import { isIP } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
	addressPolicy,
	allowsAddress,
	literalAddress,
	webhookAddressFault,
} from "../../lambda/core/address-policy.ts";
import { CidrList } from "../../lambda/core/cidr.ts";
import { WebhookUrl } from "../../lambda/core/webhook-url.ts";
import { address, CLOSED, dotted, isInside, NOT_PUBLIC, network, spellingOf } from "./ipv4-spellings.ts";

const RUNS = { numRuns: 1_000 };
const STRICT = addressPolicy();

const isPublic = (number: number): boolean => !NOT_PUBLIC.some((block) => isInside(number, block));
const isClosed = (number: number): boolean => CLOSED.some((block) => isInside(number, block));
const spelled = address.chain((number) => spellingOf(number).map((spelling) => [number, spelling] as const));

/** What a creator is told of a webhook at this host. */
const faultAt = (host: string, policy = STRICT, scheme = "https"): string | undefined => {
	const text = `${scheme}://${host}/hook`;
	return WebhookUrl.safeParse(text).error?.issues[0]?.message ?? webhookAddressFault(new URL(text), policy);
};

/** All forms of IPv6 that carry an IPv4 address. */
const carriers: readonly ((high: string, low: string) => string)[] = [
	(high, low) => `::${high}:${low}`,
	(high, low) => `::ffff:${high}:${low}`,
	(high, low) => `::ffff:0:${high}:${low}`,
	(high, low) => `64:ff9b::${high}:${low}`,
	(high, low) => `64:ff9b:1::${high}:${low}`,
	(high, low) => `2002:${high}:${low}::`,
	(high, low) => `2001:0:${high}:${low}::1`,
];

const hex = (number: number): string => number.toString(16);
const carried = fc
	.tuple(address, fc.constantFrom(...carriers))
	.map(([number, form]) => [number, form(hex(number >>> 16), hex(number & 0xffff)), form] as const);

const isMapped = (form: unknown): boolean => form === carriers[1];

it("IPv4 is refused or allowed by what it is, however it is spelled", () => {
	fc.assert(
		fc.property(spelled, ([number, spelling]) => {
			expect(faultAt(spelling)).toBe(isPublic(number) ? undefined : "must point to a public address");
			expect(new URL(`https://${spelling}/`).hostname).toBe(dotted(number));
		}),
		RUNS,
	);
});

it("IPv4 in IPv6 is refused, unless it is mapped and public", () => {
	fc.assert(
		fc.property(carried, ([number, text, form]) => {
			const expected = isMapped(form) && isPublic(number);
			expect([text, allowsAddress(STRICT, "https:", text)]).toEqual([text, expected]);
			expect(faultAt(`[${text}]`) === undefined).toBe(expected);
		}),
		RUNS,
	);
});

it("a network opens its own addresses over http, no others, and never a closed one", () => {
	fc.assert(
		fc.property(network, spelled, ([first, bits], [number, spelling]) => {
			const policy = addressPolicy({ allowedCidrs: CidrList.parse(`${dotted(first)}/${bits}`) });
			const isOpened = isInside(number, [first, bits]) && !isClosed(number);
			const isAllowed = isOpened || isPublic(number);
			expect(faultAt(spelling, policy) === undefined).toBe(isAllowed);
			expect(faultAt(spelling, policy, "http") === undefined).toBe(isOpened);
			for (const text of [dotted(number), `::ffff:${dotted(number)}`]) {
				expect(allowsAddress(policy, "https:", text)).toBe(isAllowed);
				expect(allowsAddress(policy, "http:", text)).toBe(isOpened);
			}
		}),
		RUNS,
	);
});

it("every IPv6 address in a URL is seen as one: none passes for a name", () => {
	fc.assert(
		fc.property(fc.ipV6(), (text) => {
			const isAllowed = allowsAddress(STRICT, "https:", text);
			expect(faultAt(`[${text}]`) === undefined).toBe(isAllowed);
		}),
		RUNS,
	);
});

/** Pieces of hosts that parsers are known to disagree about. */
const pieces = fc.constantFrom(
	...[
		"0",
		"1",
		"7",
		"127",
		"169.254.169.254",
		"0x7f",
		"x",
		"f",
		"localhost",
		"xn--",
		".",
		"。",
		"．",
		"｡",
		"%",
		"%2e",
	],
	...[
		"%30",
		"%00",
		"%25",
		"[",
		"]",
		":",
		"::",
		"ffff",
		"-",
		"_",
		"*",
		"\u00ad",
		"\u200d",
		"\u200b",
		"①",
		"１",
		"ſ",
		"@",
	],
	...["#", "?", "\\", "\t", "\n", " ", "/", "İ", "𝟏", "٠", "²", "½", "⒈", "⑴", "🄁", "／", "：", "🙂"],
);

it("the host that is judged is the host that is connected to: reading a URL again changes nothing", () => {
	fc.assert(
		fc.property(fc.array(pieces, { minLength: 1, maxLength: 8 }), (host) => {
			const text = `https://${host.join("")}/`;
			if (!WebhookUrl.safeParse(text).success) return;
			const { hostname, origin } = new URL(text);
			expect(new URL(origin).hostname).toBe(hostname);
			const isAddress = isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
			expect([hostname, literalAddress(new URL(text)) !== undefined]).toEqual([hostname, isAddress]);
		}),
		RUNS,
	);
});

it("the widest networks open no IPv6 that carries a closed IPv4 address", () => {
	const policy = addressPolicy({ allowedCidrs: CidrList.parse("0.0.0.0/0,::/0") });
	fc.assert(
		fc.property(carried, ([number, text]) => {
			if (isClosed(number)) expect([text, allowsAddress(policy, "https:", text)]).toEqual([text, false]);
		}),
		RUNS,
	);
});
