import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { CidrList, isIn } from "../../lambda/core/cidr.ts";

const written = (text: string): string[] => CidrList.parse(text).map((cidr) => cidr.join("/"));
const faultsOf = (text: string) => CidrList.safeParse(text).error?.issues.map(({ message }) => message);

describe("a list of networks", () => {
	it.each([
		["10.0.0.0/8", ["10.0.0.0/8"]],
		[" 10.0.0.0/8 ,192.168.7.9/32", ["10.0.0.0/8", "192.168.7.9/32"]],
		["FD12:3456::/32, 0.0.0.0/0, ::/0", ["fd12:3456::/32", "0.0.0.0/0", "::/0"]],
		["64:ff9b::/96", ["64:ff9b::/96"]],
	])("may be %j", (text, networks) => {
		expect(written(text)).toEqual(networks);
	});

	it.each([
		"",
		"10.0.0.0",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10/8",
		"0x0a.0.0.0/8",
		"010.0.0.0/8",
		"fe80::%eth0/10",
		"::/129",
		"vpc",
		"10.0.0.0/8/8",
	])("is not %j", (text) => {
		expect(faultsOf(text)).toEqual([`"${text}" is not a network such as 10.0.0.0/8 or fd12:3456::/32`]);
	});

	it("names every item that is wrong", () => {
		expect(faultsOf("10.0.0.0/8, 10.1.2.3/8, vpc,, fd00::1/8")).toEqual([
			'"10.1.2.3/8" is inside the network 10.0.0.0/8; write that one',
			'"vpc" is not a network such as 10.0.0.0/8 or fd12:3456::/32',
			'"" is not a network such as 10.0.0.0/8 or fd12:3456::/32',
			'"fd00::1/8" is inside the network fd00::/8; write that one',
		]);
	});

	it("says how IPv4 is written, where it would match nothing in IPv6", () => {
		expect(faultsOf("::ffff:10.0.0.0/104")).toEqual([
			'"::ffff:10.0.0.0/104" is IPv4 inside IPv6; write it as an IPv4 network',
		]);
	});
});

describe("an address", () => {
	it.each([
		["10.255.0.1", true],
		["11.0.0.0", false],
		["fd12:3456:7::1", true],
		["fd12:3457::", false],
		["::a00:1", false],
	])("%s is in 10.0.0.0/8, fd12:3456::/32: %s", (text, expected) => {
		expect(isIn(ipaddr.parse(text), CidrList.parse("10.0.0.0/8,fd12:3456::/32"))).toBe(expected);
	});
});
