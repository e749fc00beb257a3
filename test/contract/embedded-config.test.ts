import { describe, expect, it } from "vitest";
import { readEmbeddedConfig } from "../../lambda/adapters/embedded/config.ts";
import { webhookAddressFault } from "../../lambda/core/address-policy.ts";
import { CidrList } from "../../lambda/core/cidr.ts";
import { BAD_PORTS } from "../../lambda/core/denied-ports.ts";

const policyOf = (env: Record<string, string>) => readEmbeddedConfig(env).addressPolicy;

describe("the addresses that the embedded server may call", () => {
	it("are all, for development, but at no denied port", () => {
		expect(policyOf({})).toEqual({ allowPrivate: true, allowedCidrs: [], deniedPorts: BAD_PORTS });
	});

	it("are public ones when it is told so, and those of the networks that it is told", () => {
		const strict = { ASYNCQUEUE_ALLOW_PRIVATE: "false" };
		expect(policyOf(strict)).toEqual({ allowPrivate: false, allowedCidrs: [], deniedPorts: BAD_PORTS });
		const wider = { ...strict, ASYNCQUEUE_ALLOW_CIDRS: "10.0.0.0/8", ASYNCQUEUE_DENY_PORTS: "25" };
		expect(policyOf(wider)).toMatchObject({ allowedCidrs: CidrList.parse("10.0.0.0/8") });
	});

	it("do not hold the server itself, which may be in one of those networks", () => {
		const policy = policyOf({
			PORT: "3210",
			ASYNCQUEUE_ALLOW_PRIVATE: "false",
			ASYNCQUEUE_ALLOW_CIDRS: "10.0.0.0/8",
			ASYNCQUEUE_DENY_PORTS: "25",
		});
		const faultAt = (url: string) => webhookAddressFault(new URL(url), policy);
		expect(faultAt("http://10.0.0.1:3210/v1/tasks")).toBe("must not use port 3210");
		expect(faultAt("http://10.0.0.1:25/")).toBe("must not use port 25");
		expect(faultAt("http://10.0.0.1:3211/")).toBeUndefined();
	});
});

describe("development tools", () => {
	it.each([
		["127.0.0.1", undefined, true],
		["localhost", undefined, true],
		["::1", undefined, true],
		["0.0.0.0", undefined, false],
		["10.1.2.3", undefined, false],
		["127.0.0.1", "false", false],
		["0.0.0.0", "true", true],
	])("with HOST=%s and ASYNCQUEUE_DEV=%s: %s", (HOST, ASYNCQUEUE_DEV, dev) => {
		expect(readEmbeddedConfig({ HOST, ASYNCQUEUE_DEV }).dev).toBe(dev);
	});
});

describe("a setting that is not usable is named, with what is wrong in it", () => {
	it.each([
		["ASYNCQUEUE_ALLOW_CIDRS", "10.0.0.0/8,10.1.2.3", 'ASYNCQUEUE_ALLOW_CIDRS: "10.1.2.3" is not a network'],
		["ASYNCQUEUE_ALLOW_CIDRS", "", 'ASYNCQUEUE_ALLOW_CIDRS: "" is not a network'],
		["ASYNCQUEUE_DENY_PORTS", "25,smtp", 'ASYNCQUEUE_DENY_PORTS: "smtp" is not a port'],
		["ASYNCQUEUE_ALLOW_PRIVAT", "false", "ASYNCQUEUE_ALLOW_PRIVAT: is no setting of this server"],
		["PORT", "", "PORT: must be a whole number from 0 to 65535"],
		["PORT", "http", "PORT: must be a whole number from 0 to 65535"],
		["PORT", "65536", "PORT: must be a whole number from 0 to 65535"],
		[
			"ASYNCQUEUE_ALLOW_CIDRS",
			"10.0.0.0/8",
			"ASYNCQUEUE_ALLOW_CIDRS: means nothing while all addresses are allowed",
		],
	])("%s=%s", (name, value, message) => {
		expect(() => policyOf({ [name]: value })).toThrow(message);
	});
});

describe("metrics", () => {
	const metricsOf = (env: Record<string, string>) => readEmbeddedConfig(env).metrics;

	it("are shown where only this machine can ask, or when somebody says so", () => {
		expect(metricsOf({})).toBe(true);
		for (const HOST of ["localhost", "::1", "127.0.0.2"]) expect(metricsOf({ HOST })).toBe(true);
		for (const HOST of ["0.0.0.0", "::", "10.0.0.1"]) {
			expect(metricsOf({ HOST })).toBe(false);
			expect(metricsOf({ HOST, ASYNCQUEUE_METRICS: "true" })).toBe(true);
		}
		expect(metricsOf({ ASYNCQUEUE_METRICS: "false" })).toBe(false);
	});
});
