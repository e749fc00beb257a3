import ipaddr from "ipaddr.js";
import * as z from "zod";

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** A block of addresses (RFC 4632, RFC 4291 §2.3): its first address and the bits that all of them share. */
export type Cidr = readonly [first: IpAddress, bits: number];

/** True when any of the blocks holds the address. IPv4 addresses are in no IPv6 block, and the other way round. */
export const isIn = (address: IpAddress, cidrs: readonly Cidr[]): boolean =>
	cidrs.some(([first, bits]) => first.kind() === address.kind() && address.match(first, bits));

const isCidr = (text: string): boolean =>
	ipaddr.IPv4.isValidCIDRFourPartDecimal(text) ||
	(/^[\da-f:.]+\/\d{1,3}$/i.test(text) && ipaddr.IPv6.isValidCIDR(text));

const cidrFault = (text: string): string | undefined => {
	if (!isCidr(text)) return "is not a network such as 10.0.0.0/8 or fd12:3456::/32";
	const [address, bits] = ipaddr.parseCIDR(text);
	if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
		return "is IPv4 inside IPv6; write it as an IPv4 network";
	const family = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
	const network = `${family.networkAddressFromCIDR(text)}/${bits}`;
	return network === `${address}/${bits}` ? undefined : `is inside the network ${network}; write that one`;
};

/** Networks in CIDR notation, separated by commas. Every one that is not usable is a fault of its own. */
export const CidrList = z.string().transform((text, context) =>
	text.split(",").flatMap((part): Cidr[] => {
		const item = part.trim();
		const fault = cidrFault(item);
		if (fault === undefined) return [ipaddr.parseCIDR(item)];
		context.addIssue(`"${item}" ${fault}`);
		return [];
	}),
);
