import type { LookupFunction } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { dnsLookup, judgedLookup, LookupError } from "../../lambda/adapters/http/judged-lookup.ts";
import { addressPolicy, allowsAddress } from "../../lambda/core/address-policy.ts";
import { type NameRecords, NameServer } from "../support/name-server.ts";
import { callTo, httpReceiver, webhookClient } from "./webhook-client-receiver.ts";

const blocked = expect.objectContaining({ kind: "failure", failure: "blocked_address" });

/** Resolves every name to these addresses; one list for each call, the last one for all further calls. */
const answering = (...answers: string[][]) =>
	vi.fn<LookupFunction>((_name, _options, callback) => {
		const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
		const family = (address: string) => (address.includes(":") ? 6 : 4);
		callback(
			null,
			addresses.map((address) => ({ address, family: family(address) })),
		);
	});

const resolve = (lookup: LookupFunction): Promise<unknown> =>
	new Promise((done, fail) => {
		lookup("receiver.example", { all: true }, (error, addresses) => (error ? fail(error) : done(addresses)));
	});

describe("with private addresses refused", () => {
	it.each([
		"127.0.0.1",
		"2130706433",
		"0x7f000001",
		"0177.0.0.1",
		"127.1",
		"0",
		"127.0.0.1.",
		"①②⑦.⓪.⓪.①",
		"[::1]",
		"[::]",
		"[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]",
		"[::127.0.0.1]",
		"[64:ff9b::7f00:1]",
		"localhost",
		"localhost.",
		"api.localhost",
	])("a call to the host %s is blocked before anything is sent", async (host) => {
		const receiver = await httpReceiver((_, response) => response.end());
		const lookup = answering(["127.0.0.1"]);
		const client = webhookClient({ addressPolicy: addressPolicy(), lookup });
		for (const scheme of ["http", "https"]) {
			expect(await client.call(callTo(`${scheme}://${host}:${receiver.port}/`))).toEqual(blocked);
		}
		expect(lookup).not.toHaveBeenCalled();
		expect(receiver.sockets).toHaveLength(0);
	});

	it("plain http is blocked even to a public address", async () => {
		expect(await webhookClient({ addressPolicy: addressPolicy() }).call(callTo("http://8.8.8.8/"))).toEqual(
			blocked,
		);
	});

	it.each<[string, string[]]>([
		["a private address", ["10.0.0.7"]],
		["loopback", ["127.0.0.1"]],
		["loopback in IPv6", ["::1"]],
		["loopback mapped into IPv6", ["::ffff:127.0.0.1"]],
		["the metadata service", ["169.254.169.254"]],
		["a public and a private address", ["93.184.215.14", "127.0.0.1"]],
		["a public IPv4 and a private IPv6 address", ["93.184.215.14", "fd00:ec2::254"]],
	])("a name that resolves to %s is blocked", async (_, addresses) => {
		const receiver = await httpReceiver((_request, response) => response.end());
		const lookup = answering(addresses);
		const client = webhookClient({ addressPolicy: addressPolicy(), lookup });
		expect(await client.call(callTo(`https://receiver.example:${receiver.port}/`))).toEqual(blocked);
		expect(lookup).toHaveBeenCalledExactlyOnceWith(
			"receiver.example",
			expect.objectContaining({ all: true }),
			expect.any(Function),
		);
		expect(receiver.sockets).toHaveLength(0);
	});

	it("a name is judged at every lookup: one that turns private is blocked (DNS rebinding)", async () => {
		const lookup = judgedLookup(answering(["93.184.215.14"], ["127.0.0.1"]), (address) =>
			allowsAddress(addressPolicy(), "https:", address),
		);
		expect(await resolve(lookup)).toEqual([{ address: "93.184.215.14", family: 4 }]);
		await expect(resolve(lookup)).rejects.toEqual(new LookupError("blocked_address"));
	});
});

describe("with private addresses allowed", () => {
	it("a name is connected to at the address that was looked up, and stays in the Host header", async () => {
		let host: string | undefined;
		const receiver = await httpReceiver((request, response) => {
			host = request.headers.host;
			response.end();
		});
		const lookup = answering(["127.0.0.1"], ["192.0.2.1"]);
		const client = webhookClient({ lookup });
		for (let call = 0; call < 2; call++) {
			const result = await client.call(callTo(`http://receiver.example:${receiver.port}/`));
			expect(result).toMatchObject({ status: 200 });
		}
		expect(host).toBe(`receiver.example:${receiver.port}`);
		expect(lookup).toHaveBeenCalledOnce();
	});

	it("the next address is tried when one refuses", async () => {
		const receiver = await httpReceiver((_, response) => response.end());
		const client = webhookClient({ lookup: answering(["127.0.0.2", "127.0.0.1"]) });
		const result = await client.call(callTo(`http://receiver.example:${receiver.port}/`));
		expect(result).toMatchObject({ status: 200 });
	});

	it("localhost resolves as the system says", async () => {
		const receiver = await httpReceiver((_, response) => response.end());
		const result = await webhookClient().call(callTo(`http://localhost:${receiver.port}/`));
		expect(result).toMatchObject({ status: 200 });
	});
});

describe("a name that does not resolve is dns_error", () => {
	it.each(["ENOTFOUND", "EAI_AGAIN", "ESERVFAIL"])("%s", async (code) => {
		const lookup: LookupFunction = (_name, _options, callback) =>
			callback(Object.assign(new Error(code), { code }), []);
		const result = await webhookClient({ lookup }).call(callTo("http://receiver.example/"));
		expect(result).toMatchObject({ kind: "failure", failure: "dns_error" });
	});

	it("no addresses", async () => {
		const result = await webhookClient({ lookup: answering([]) }).call(callTo("http://receiver.example/"));
		expect(result).toMatchObject({ kind: "failure", failure: "dns_error" });
	});
});

/** The lookup of a machine whose name server says this of receiver.example. */
const lookupWith = async (records: NameRecords | undefined): Promise<LookupFunction> => {
	const server = await NameServer.open(records && { "receiver.example": records });
	onTestFinished(() => server.close());
	return dnsLookup(server.resolver());
};

describe("the lookup that asks DNS servers itself", () => {
	const [v4, v6] = ["192.0.2.1", "2606:4700::1"];

	it("finds addresses of both families", async () => {
		const lookup = await lookupWith({ A: [[v4]], AAAA: [[v6]] });
		expect(await resolve(lookup)).toEqual([
			{ address: v4, family: 4 },
			{ address: v6, family: 6 },
		]);
	});

	it.each([
		["IPv4", { A: [[v4]] }, v4],
		["IPv6", { AAAA: [[v6]] }, v6],
	])("is content with %s alone", async (_, records, address) => {
		expect(await resolve(await lookupWith(records))).toEqual([expect.objectContaining({ address })]);
	});

	it("fails for a name that does not exist", async () => {
		await expect(resolve(await lookupWith(undefined))).rejects.toMatchObject({ code: "ENOTFOUND" });
	});
});
