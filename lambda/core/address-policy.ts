import ipaddr from "ipaddr.js";

/** The only IPv6 space that is given out; outside it lie forms such as `::7f00:1`, which hides 127.0.0.1. */
const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3");

/**
 * True for addresses on the public internet. Everything with a special meaning is refused: private, loopback,
 * link-local, carrier NAT, multicast, documentation, NAT64 and IPv4 hidden in IPv6 (IANA special-purpose registries).
 */
export const isPublicAddress = (text: string): boolean => {
	if (!ipaddr.isValid(text)) return false;
	const address = ipaddr.process(text);
	const isAssigned = address.kind() === "ipv4" || address.match(GLOBAL_IPV6);
	return isAssigned && address.range() === "unicast";
};

/** The IP address that a URL's host already is, without brackets, or undefined for a DNS name. */
export const literalAddress = (url: URL): string | undefined => {
	const host = url.hostname.replace(/^\[|\]$/g, "");
	return ipaddr.isValid(host) ? host : undefined;
};

const isLocalName = (hostname: string): boolean => {
	const name = hostname.replace(/\.$/, "");
	return name === "localhost" || name.endsWith(".localhost");
};

/**
 * Why this deployment will not call `url`, or undefined when it may. DNS names are judged again, by every address
 * they resolve to, at each attempt: `WebhookClient` implementations must do that.
 */
export const webhookAddressFault = (url: URL, allowPrivate: boolean): string | undefined => {
	if (allowPrivate) return undefined;
	if (url.protocol !== "https:") return "must use https";
	const address = literalAddress(url);
	const isPublic = address === undefined ? !isLocalName(url.hostname) : isPublicAddress(address);
	return isPublic ? undefined : "must point to a public address";
};
