import fc from "fast-check";

/** A block of IPv4 addresses: its first address as a number, and its prefix length. */
export type Block = readonly [first: number, bits: number];

const numberOf = (dotted: string): number =>
	dotted.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);

export const dotted = (address: number): string =>
	[24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

export const isInside = (address: number, [first, bits]: Block): boolean => {
	const size = 2 ** (32 - bits);
	return Math.floor(address / size) === Math.floor(first / size);
};

const blocks = (...texts: string[]): Block[] =>
	texts.map((text) => {
		const [first = "", bits] = text.split("/");
		return [numberOf(first), Number(bits)];
	});

/** IANA's special-purpose registry as it was read for this test, apart from the library that the product uses. */
export const NOT_PUBLIC: readonly Block[] = blocks(
	"0.0.0.0/8",
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.0.0.0/24",
	"192.0.2.0/24",
	"192.31.196.0/24",
	"192.52.193.0/24",
	"192.88.99.0/24",
	"192.168.0.0/16",
	"192.175.48.0/24",
	"198.18.0.0/15",
	"198.51.100.0/24",
	"203.0.113.0/24",
	"224.0.0.0/3",
	"168.63.129.16/32",
);

/** What no network opens: this machine, link-local but for VPC Lattice, and metadata services. */
export const CLOSED: readonly Block[] = blocks(
	"0.0.0.0/8",
	"127.0.0.0/8",
	"169.254.0.0/17",
	"169.254.128.0/19",
	"169.254.160.0/21",
	"169.254.168.0/23",
	"169.254.170.0/24",
	"169.254.172.0/22",
	"169.254.176.0/20",
	"169.254.192.0/18",
	"100.100.100.200/32",
	"192.0.0.192/32",
	"168.63.129.16/32",
);

const anyAddress = fc.integer({ min: 0, max: 0xffff_ffff });

const within = ([first, bits]: Block): fc.Arbitrary<number> =>
	fc.integer({ min: first, max: first + 2 ** (32 - bits) - 1 });

/** Addresses, half of them special, a sixth right beside a special block. */
export const address: fc.Arbitrary<number> = fc.oneof(
	{ arbitrary: anyAddress, weight: 2 },
	{ arbitrary: fc.constantFrom(...NOT_PUBLIC, ...CLOSED).chain(within), weight: 3 },
	{
		arbitrary: fc
			.constantFrom(...NOT_PUBLIC)
			.chain(([first, bits]) =>
				fc.constantFrom(Math.max(first - 1, 0), (first + 2 ** (32 - bits)) % 2 ** 32),
			),
		weight: 1,
	},
);

/** Networks of any size around some special address. */
export const network: fc.Arbitrary<Block> = fc
	.tuple(address, fc.integer({ min: 0, max: 32 }))
	.map(([inside, bits]) => [Math.floor(inside / 2 ** (32 - bits)) * 2 ** (32 - bits), bits]);

const inBase: Readonly<Record<"decimal" | "octal" | "hex" | "HEX", (part: number, zeros: string) => string>> =
	{
		decimal: String,
		octal: (part, zeros) => `0${zeros}${part.toString(8)}`,
		hex: (part, zeros) => `0x${zeros}${part.toString(16)}`,
		HEX: (part, zeros) => `0X${zeros}${part.toString(16).toUpperCase()}`,
	};

const FULL_WIDTH = 0xff10 - 0x30;
const dress: Readonly<Record<"plain" | "full-width" | "percent", (character: string) => string>> = {
	plain: (character) => character,
	"full-width": (digit) =>
		/\d/.test(digit) ? String.fromCodePoint(digit.charCodeAt(0) + FULL_WIDTH) : digit,
	percent: (character) => `%${character.charCodeAt(0).toString(16)}`,
};

const baseOf = fc.constantFrom("decimal" as const, "octal" as const, "hex" as const, "HEX" as const);

/** Every spelling of an address that a URL's host may have: 1 to 4 parts, each in a base of its own, dressed up. */
export const spellingOf = (address: number): fc.Arbitrary<string> =>
	fc
		.record({
			count: fc.integer({ min: 1, max: 4 }),
			bases: fc.array(baseOf, { minLength: 4, maxLength: 4 }),
			zeros: fc.constantFrom("", "0", "00000"),
			dot: fc.constantFrom(".", "。", "．", "｡"),
			end: fc.constantFrom("", "."),
			dresses: fc.array(fc.constantFrom("plain" as const, "full-width" as const, "percent" as const), {
				minLength: 8,
				maxLength: 8,
			}),
		})
		.map(({ count, bases, zeros, dot, end, dresses }) => {
			const bytes = [24, 16, 8].slice(0, count - 1).map((shift) => (address >>> shift) & 255);
			const parts = [...bytes, address % 2 ** (32 - 8 * (count - 1))];
			const spelled =
				parts.map((part, index) => inBase[bases[index] ?? "decimal"](part, zeros)).join(dot) + end;
			return [...spelled]
				.map((character, index) =>
					/\w/.test(character) ? dress[dresses[index % 8] ?? "plain"](character) : character,
				)
				.join("");
		});
