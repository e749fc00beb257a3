import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	addressPolicy,
	allowsAddress,
	literalAddress,
	webhookAddressFault,
} from "../../lambda/core/address-policy.ts";

const url = (text: string): URL => new URL(text);
const faultAt = (text: string): string | undefined => webhookAddressFault(url(text), addressPolicy());
const isPublicAddress = (text: string): boolean => allowsAddress(addressPolicy(), "https:", text);

describe("a public address", () => {
	it.each(["8.8.8.8", "1.1.1.1", "93.184.215.14", "223.255.255.254", "2606:4700:4700::1111", "2a00:1450::1"])(
		"is %s",
		(address) => {
			expect(isPublicAddress(address)).toBe(true);
		},
	);

	it.each([
		["this host", "0.0.0.0", "0.1.2.3", "::"],
		["loopback", "127.0.0.1", "127.255.255.254", "::1"],
		["private", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00:ec2::254"],
		["link-local, with the metadata service", "169.254.169.254", "fe80::1", "fe80::1%eth0"],
		["carrier NAT", "100.64.0.1", "100.127.255.255"],
		["protocol assignments", "192.0.0.8", "192.31.196.1", "192.52.193.1", "192.175.48.1", "192.88.99.1"],
		["benchmarks", "198.18.0.1", "198.19.255.255", "2001:2::1"],
		["documentation", "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
		["multicast and broadcast", "224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"],
		["reserved", "240.0.0.1", "100::1", "2001::1", "2001:20::1", "5f00::1", "fec0::1"],
		[
			"IPv4 in IPv6",
			"::ffff:127.0.0.1",
			"::ffff:a9fe:a9fe",
			"::127.0.0.1",
			"::7f00:1",
			"::8.8.8.8",
			"::808:808",
			"::ffff:0:127.0.0.1",
		],
		["NAT64 and 6to4", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::"],
		["IPv6 space that nobody has been given", "1::1", "4000::1", "a000::1"],
		["not an address", "", "localhost", "example.com", "8.8.8.8 ", "8.8.8.8/32", "256.1.1.1"],
	])("is not one for %s", (_, ...addresses) => {
		expect(addresses.filter(isPublicAddress)).toEqual([]);
	});

	it("is one in IPv6 only if it starts with the bits 001", () => {
		fc.assert(
			fc.property(fc.ipV6(), (address) => {
				fc.pre(!address.includes("."));
				const first = Number.parseInt(address.startsWith("::") ? "0" : address, 16);
				if (first < 0x2000 || first > 0x3fff) expect(isPublicAddress(address)).toBe(false);
			}),
		);
	});
});

describe("the address in a URL", () => {
	it.each([
		["https://1.2.3.4/", "1.2.3.4"],
		["https://0x01020304/", "1.2.3.4"],
		["https://[2606:4700::1]:8443/", "2606:4700::1"],
		["https://example.com/", undefined],
		["https://1.2.3.4.example.com/", undefined],
	])("of %s is %s", (text, address) => {
		expect(literalAddress(url(text))).toBe(address);
	});
});

describe("a webhook of a public deployment", () => {
	it.each([
		"https://example.com/",
		"https://8.8.8.8/",
		"https://[2606:4700::1]/",
		"https://localhost.example.com/",
	])("may be at %s", (text) => {
		expect(faultAt(text)).toBeUndefined();
	});

	it.each([
		"https://127.0.0.1/",
		"https://2130706433/",
		"https://0x7f.1/",
		"https://0177.0.0.1/",
		"https://127.1/",
		"https://0/",
		"https://127.0.0.1./",
		"https://①②⑦.⓪.⓪.①/",
		"https://127。0。0。1/",
		"https://169.254.169.254/latest/meta-data/",
		"https://[::1]/",
		"https://[::]/",
		"https://[::ffff:127.0.0.1]/",
		"https://[::127.0.0.1]/",
		"https://[fd00:ec2::254]/",
		"https://[64:ff9b::a9fe:a9fe]/",
		"https://localhost/",
		"https://LOCALHOST./",
		"https://%6c%6f%63%61%6c%68%6f%73%74/",
		"https://api.localhost/",
		"https://localhost../",
	])("may not be at %s", (text) => {
		expect(faultAt(text)).toBe("must point to a public address");
	});

	it("must use https, wherever it is", () => {
		expect(faultAt("http://example.com/")).toBe("must use https");
		expect(faultAt("http://127.0.0.1/")).toBe("must use https");
	});
});

it("a deployment that allows private webhooks calls http and loopback too", () => {
	const policy = addressPolicy({ allowPrivate: true });
	for (const text of ["http://127.0.0.1:3000/", "http://localhost/", "https://[::1]/", "http://10.0.0.1/"]) {
		expect(webhookAddressFault(url(text), policy)).toBeUndefined();
	}
	for (const address of ["127.0.0.1", "::1", "10.0.0.1"]) {
		expect(allowsAddress(policy, "http:", address)).toBe(true);
	}
});
