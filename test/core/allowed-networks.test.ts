import { describe, expect, it } from "vitest";
import {
	type AddressPolicy,
	addressPolicy,
	allowsAddress,
	webhookAddressFault,
} from "../../lambda/core/address-policy.ts";
import { CidrList } from "../../lambda/core/cidr.ts";

const allowing = (networks: string): AddressPolicy =>
	addressPolicy({ allowedCidrs: CidrList.parse(networks) });
const faultAt = (text: string, policy: AddressPolicy) => webhookAddressFault(new URL(text), policy);

describe("a network that the operator allows", () => {
	const policy = allowing("10.1.0.0/16,fd12:3456::/32");

	it.each([
		"https://10.1.2.3/",
		"http://10.1.2.3:8080/",
		"http://0x0a010203/",
		"http://[fd12:3456::1]/",
		"https://[::ffff:10.1.2.3]/",
	])("may be called over http and https: %s", (text) => {
		expect(faultAt(text, policy)).toBeUndefined();
	});

	it.each([
		"https://10.2.0.1/",
		"http://10.2.0.1/",
		"https://[fd12:3457::1]/",
		"http://127.0.0.1/",
		"https://192.168.0.1/",
	])("opens nothing beside itself, such as %s", (text) => {
		expect(faultAt(text, policy)).toBe("must point to a public address");
	});

	it("leaves public addresses on https", () => {
		expect(faultAt("https://8.8.8.8/", policy)).toBeUndefined();
		expect(faultAt("http://8.8.8.8/", policy)).toBe("must use https");
		expect(allowsAddress(policy, "http:", "8.8.8.8")).toBe(false);
	});

	it("lets names over http wait for what they resolve to, but not those of this machine", () => {
		expect(faultAt("http://billing.internal:8080/", policy)).toBeUndefined();
		expect(faultAt("http://localhost/", policy)).toBe("must point to a public address");
		expect(faultAt("ftp://billing.internal/", policy)).toBe("must use https");
	});
});

describe("the widest network", () => {
	const policy = allowing("0.0.0.0/0,::/0");

	it.each([
		"10.0.0.1",
		"192.168.1.1",
		"169.254.171.1",
		"fd00:ec2:80::1",
		"fd12::1",
		"8.8.8.8",
		"::ffff:10.0.0.1",
	])("opens %s", (address) => {
		expect(allowsAddress(policy, "http:", address)).toBe(true);
	});

	it.each([
		[
			"this machine",
			"0.0.0.0",
			"127.0.0.1",
			"127.255.255.254",
			"::",
			"::1",
			"::127.0.0.1",
			"::ffff:127.0.0.1",
		],
		[
			"metadata in IPv4",
			"169.254.169.254",
			"169.254.170.2",
			"169.254.100.1",
			"169.254.172.1",
			"169.254.170.23",
			"100.100.100.200",
			"192.0.0.192",
			"168.63.129.16",
		],
		[
			"metadata in IPv6",
			"fd00:ec2::254",
			"fd00:ec2::23",
			"fd20:ce::254",
			"fe80::a9fe:a9fe",
			"fe80::1",
			"::ffff:169.254.169.254",
		],
		["forms that carry IPv4", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::ffff:0:7f00:1"],
		["what is not an address", "", "example.com", "10.0.0.0/8"],
	])("does not open %s", (_, ...addresses) => {
		expect(addresses.filter((address) => allowsAddress(policy, "https:", address))).toEqual([]);
	});
});

describe("an address behind NAT64", () => {
	it("is judged by the IPv4 address that the gateway will connect to", () => {
		const policy = allowing("64:ff9b::/96,10.1.0.0/16");
		expect(allowsAddress(policy, "https:", "64:ff9b::8.8.8.8")).toBe(true);
		expect(allowsAddress(policy, "http:", "64:ff9b::8.8.8.8")).toBe(false);
		expect(allowsAddress(policy, "http:", "64:ff9b::10.1.0.1")).toBe(true);
		expect(allowsAddress(policy, "https:", "64:ff9b::10.2.0.1")).toBe(false);
		expect(allowsAddress(policy, "https:", "64:ff9b::169.254.169.254")).toBe(false);
	});

	it("is not allowed unless its network is", () => {
		expect(allowsAddress(addressPolicy(), "https:", "64:ff9b::8.8.8.8")).toBe(false);
	});
});

describe("a denied port", () => {
	it.each([
		["https://example.com:25/", "must not use port 25"],
		["https://example.com:0/", "must not use port 0"],
		["https://example.com/", undefined],
		["https://example.com:8443/", undefined],
	])("by default, at %s: %s", (text, fault) => {
		expect(faultAt(text, addressPolicy())).toBe(fault);
	});

	it("is denied at every address, whatever else is allowed, and where the URL does not name it", () => {
		const policy = addressPolicy({ allowPrivate: true, deniedPorts: [80, 443, 9_001] });
		expect(faultAt("http://127.0.0.1:9001/", policy)).toBe("must not use port 9001");
		expect(faultAt("http://example.com/", policy)).toBe("must not use port 80");
		expect(faultAt("https://example.com/", policy)).toBe("must not use port 443");
		expect(faultAt("http://127.0.0.1:25/", policy)).toBeUndefined();
	});
});
