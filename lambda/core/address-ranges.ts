import ipaddr from "ipaddr.js";
import { type Cidr, type IpAddress, isIn } from "./cidr.ts";

const cidrs = (...texts: string[]): Cidr[] => texts.map((text) => ipaddr.parseCIDR(text));

/** The only IPv6 space that is given out; outside it lie forms such as `::7f00:1`, which hides 127.0.0.1. */
const GLOBAL_IPV6 = cidrs("2000::/3");

/** IPv6 addresses behind which a NAT64 gateway finds the IPv4 address of their last 32 bits (RFC 6052). */
const NAT64 = cidrs("64:ff9b::/96");

const CLOSED = cidrs(
	// This machine; `::/96` also holds IPv4-compatible IPv6.
	"0.0.0.0/8",
	"127.0.0.0/8",
	"::/96",
	// Link-local, where the clouds keep metadata and credentials, and Lambda its runtime API.
	"169.254.0.0/16",
	"fe80::/10",
	// The same elsewhere: Alibaba, Oracle.
	"100.100.100.200/32",
	"192.0.0.192/32",
	// Azure's host agent, at an address that looks public.
	"168.63.129.16/32",
	// In IPv6: EC2 and EKS, Google.
	"fd00:ec2::/64",
	"fd20:ce::254/128",
	// Forms of IPv6 that carry an IPv4 address past whoever judges them: SIIT, local NAT64, Teredo, 6to4.
	"::ffff:0:0:0/96",
	"64:ff9b:1::/48",
	"2001::/32",
	"2002::/16",
);

/** Link-local all the same, though it leads to services in VPCs: VPC Lattice. */
const LATTICE = cidrs("169.254.171.0/24");

/** True for addresses that no network opens, however wide: nobody means them who allows 0.0.0.0/0 or 169.254.0.0/16. */
export const isClosed = (address: IpAddress): boolean => isIn(address, CLOSED) && !isIn(address, LATTICE);

/**
 * True for addresses on the public internet. Everything with a special meaning is refused: private, loopback,
 * link-local, carrier NAT, multicast, documentation, NAT64 and IPv4 hidden in IPv6 (IANA special-purpose registries).
 */
export const isPublic = (address: IpAddress): boolean =>
	address.range() === "unicast" && (address.kind() === "ipv4" || isIn(address, GLOBAL_IPV6));

/** The IPv4 address that a NAT64 gateway connects to for this one, or undefined when none does. */
export const behindNat64 = (address: IpAddress): IpAddress | undefined =>
	isIn(address, NAT64) ? ipaddr.fromByteArray(address.toByteArray().slice(12)) : undefined;
