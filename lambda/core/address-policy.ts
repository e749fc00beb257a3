import ipaddr from "ipaddr.js";
import { behindNat64, isClosed, isPublic } from "./address-ranges.ts";
import { type Cidr, type IpAddress, isIn } from "./cidr.ts";
import { BAD_PORTS } from "./denied-ports.ts";

/** Where this deployment lets webhooks be: https to public addresses, and what the operator adds or takes away. */
export type AddressPolicy = Readonly<{
	/** Every address, and plain http: for development and emulators. */
	allowPrivate: boolean;
	/** Networks that may be called too, over http as well: the operator vouches for the way there. */
	allowedCidrs: readonly Cidr[];
	/** Ports that are never called, at whatever address. */
	deniedPorts: readonly number[];
}>;

/** A policy; what is left out is as strict as can be. */
export const addressPolicy = (choices: Partial<AddressPolicy> = {}): AddressPolicy => ({
	allowPrivate: false,
	allowedCidrs: [],
	deniedPorts: BAD_PORTS,
	...choices,
});

/** `::8.8.8.8` (deprecated, RFC 4291 §2.5.5.1), which ipaddr.js takes for the IPv4-mapped `::ffff:8.8.8.8`. */
const IPV4_COMPATIBLE = /^::[^:]*\./;

const isAllowed = (address: IpAddress, protocol: string, allowedCidrs: readonly Cidr[]): boolean => {
	if (isClosed(address)) return false;
	if (!isIn(address, allowedCidrs)) return protocol === "https:" && isPublic(address);
	const target = behindNat64(address);
	return target === undefined || isAllowed(target, protocol, allowedCidrs);
};

/**
 * Whether a webhook at the IP address `text` may be called over `protocol` (`http:` or `https:`). IPv4-mapped IPv6
 * counts as the IPv4 address that it is; what is no address is not allowed.
 */
export const allowsAddress = (policy: AddressPolicy, protocol: string, text: string): boolean => {
	if (policy.allowPrivate) return true;
	if (!ipaddr.isValid(text) || IPV4_COMPATIBLE.test(text)) return false;
	return isAllowed(ipaddr.process(text), protocol, policy.allowedCidrs);
};

/** The IP address that a URL's host already is, without brackets, or undefined for a DNS name. */
export const literalAddress = ({ hostname }: URL): string | undefined => {
	if (hostname.startsWith("[")) return hostname.slice(1, -1);
	return ipaddr.IPv4.isValid(hostname) ? hostname : undefined;
};

const isLocalName = (hostname: string): boolean => /(^|\.)localhost\.*$/.test(hostname);

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === "http:" ? 80 : 443));

/**
 * Why this deployment will not call `url`, or undefined when it may. DNS names are judged again, by every address
 * they resolve to, at each attempt: `WebhookClient` implementations must do that, with `allowsAddress`.
 */
export const webhookAddressFault = (url: URL, policy: AddressPolicy): string | undefined => {
	const port = portOf(url);
	if (policy.deniedPorts.includes(port)) return `must not use port ${port}`;
	if (policy.allowPrivate) return undefined;
	const mayBePlain = url.protocol === "http:" && policy.allowedCidrs.length > 0;
	if (url.protocol !== "https:" && !mayBePlain) return "must use https";
	const address = literalAddress(url);
	// Who resolves to an allowed network, and may be called over http, is not known before the name is resolved.
	if (address === undefined) return isLocalName(url.hostname) ? "must point to a public address" : undefined;
	if (!allowsAddress(policy, "https:", address)) return "must point to a public address";
	return allowsAddress(policy, url.protocol, address) ? undefined : "must use https";
};
