import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import type { LookupFunction } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { dnsLookup, judgedLookup, LookupError } from "../../lambda/adapters/http/judged-lookup.ts";
import { addressPolicy, allowsAddress } from "../../lambda/core/address-policy.ts";
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

const TYPE = { A: 1, AAAA: 28 };

/** A name server on loopback that knows `records` by type; `undefined` answers "no such name". */
const nameServer = async (records: Readonly<Record<number, readonly number[][] | undefined>>) => {
	const socket = createSocket("udp4", (query, sender) => {
		const question = query.subarray(12, query.indexOf(0, 12) + 5);
		const type = question.readUInt16BE(question.length - 4);
		const found = records[type];
		const header = Buffer.alloc(12);
		query.copy(header, 0, 0, 2);
		header.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
		header.writeUInt16BE(1, 4);
		header.writeUInt16BE(found?.length ?? 0, 6);
		const answers = (found ?? []).map((data) =>
			Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length, ...data]),
		);
		socket.send(Buffer.concat([header, question, ...answers]), sender.port, sender.address);
	});
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	onTestFinished(() => void socket.close());
	const resolver = new Resolver({ timeout: 500, tries: 1 });
	resolver.setServers([`127.0.0.1:${socket.address().port}`]);
	return dnsLookup(resolver);
};

describe("the lookup that asks DNS servers itself", () => {
	const v6 = [0x26, 6, 0x47, 0, ...new Array<number>(11).fill(0), 1];

	it("finds addresses of both families", async () => {
		const lookup = await nameServer({ [TYPE.A]: [[192, 0, 2, 1]], [TYPE.AAAA]: [v6] });
		expect(await resolve(lookup)).toEqual([
			{ address: "192.0.2.1", family: 4 },
			{ address: "2606:4700::1", family: 6 },
		]);
	});

	it.each([
		["IPv4", { [TYPE.A]: [[192, 0, 2, 1]], [TYPE.AAAA]: [] }, "192.0.2.1"],
		["IPv6", { [TYPE.A]: [], [TYPE.AAAA]: [v6] }, "2606:4700::1"],
	])("is content with %s alone", async (_, records, address) => {
		expect(await resolve(await nameServer(records))).toEqual([expect.objectContaining({ address })]);
	});

	it("fails for a name that does not exist", async () => {
		await expect(resolve(await nameServer({}))).rejects.toMatchObject({ code: "ENOTFOUND" });
	});
});
