import { execFile } from "node:child_process";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import {
	callTo,
	httpReceiver,
	OK,
	rawReceiver,
	webhookClient,
	whenClosed,
} from "./webhook-client-receiver.ts";

const ok = expect.objectContaining({ kind: "response", status: 200 });
const reset = expect.objectContaining({ kind: "failure", failure: "connection_reset" });

describe("connections", () => {
	it("are kept for the next call", async () => {
		const receiver = await httpReceiver((_, response) => response.end());
		const client = webhookClient();
		for (let call = 0; call < 5; call++) expect(await client.call(callTo(receiver.url))).toEqual(ok);
		expect(receiver.sockets).toHaveLength(1);
	});

	it("are kept after an answer that is no success", async () => {
		const receiver = await httpReceiver((_, response) => response.writeHead(500).end("oops"));
		const client = webhookClient();
		for (let call = 0; call < 2; call++) await client.call(callTo(receiver.url));
		expect(receiver.sockets).toHaveLength(1);
	});

	it("are as many as there are calls at once, up to the limit", async () => {
		const receiver = await httpReceiver((_, response) => setImmediate(() => response.end()));
		const client = webhookClient({ connectionsPerOrigin: 3 });
		const calls = Array.from({ length: 10 }, () => client.call(callTo(receiver.url)));
		expect(await Promise.all(calls)).toEqual(calls.map(() => ok));
		expect(receiver.sockets).toHaveLength(3);
	});

	it("are replaced for the calls that wait when one breaks", async () => {
		const receiver = await rawReceiver((socket, number) => {
			if (number % 2 === 1) socket.end();
			else socket.write(OK);
		});
		const client = webhookClient({ connectionsPerOrigin: 1 });
		const calls = Array.from({ length: 4 }, () => client.call(callTo(receiver.url)));
		expect(await Promise.all(calls)).toEqual([reset, ok, ok, ok]);
	});

	it("are waited for on the call's own time: it is then never sent, and later calls are", async () => {
		const bodies: string[] = [];
		const receiver = await httpReceiver(async (request, response) => {
			bodies.push(await text(request));
			if (bodies.length > 1) response.end();
		});
		const client = webhookClient({ connectionsPerOrigin: 1 });
		const call = (body: string, timeoutMs: number) =>
			client.call({ ...callTo(receiver.url, timeoutMs), body });
		const timeout = expect.objectContaining({ failure: "timeout" });
		expect(await Promise.all([call("1", 90), call("2", 60)])).toEqual([timeout, timeout]);
		expect(await call("3", 5_000)).toEqual(ok);
		expect(bodies).toEqual(["1", "3"]);
	});

	it("are not kept longer than the receiver's Keep-Alive hint allows", async () => {
		const answer = OK.replace("\r\n\r\n", "\r\nKeep-Alive: timeout=1\r\n\r\n");
		const receiver = await rawReceiver((socket) => socket.write(answer));
		const client = webhookClient();
		for (let call = 0; call < 2; call++) expect(await client.call(callTo(receiver.url))).toEqual(ok);
		expect(receiver.sockets).toHaveLength(2);
	});

	it("that the receiver has closed are not used again", async () => {
		const receiver = await rawReceiver((socket) => socket.end(OK));
		const client = webhookClient();
		for (let call = 0; call < 3; call++) {
			expect(await client.call(callTo(receiver.url))).toEqual(ok);
			await whenClosed(receiver.sockets[call]);
		}
		expect(receiver.sockets).toHaveLength(3);
	});
});

it("a connection that the receiver closes leaves the other ones to use", async () => {
	const receiver = await httpReceiver((_, response) => setImmediate(() => response.end()));
	const client = webhookClient();
	const twoCalls = () => Promise.all([client.call(callTo(receiver.url)), client.call(callTo(receiver.url))]);
	expect(await twoCalls()).toEqual([ok, ok]);
	for (const socket of [...receiver.sockets]) {
		socket.end();
		await whenClosed(socket);
		expect(await twoCalls()).toEqual([ok, ok]);
	}
	expect(receiver.sockets).toHaveLength(2 + 2);
});

describe("a connection that is reset as it is used again", () => {
	it("is replaced, once: the receiver may have closed it just then", async () => {
		const receiver = await rawReceiver((socket, number) => {
			if (number === 2) socket.resetAndDestroy();
			else socket.write(OK);
		});
		const client = webhookClient();
		for (let call = 0; call < 3; call++) expect(await client.call(callTo(receiver.url))).toEqual(ok);
		expect(receiver.sockets).toHaveLength(2);
	});

	it("does not hide a receiver that resets on purpose", async () => {
		let requests = 0;
		const receiver = await rawReceiver((socket, number) => {
			requests = number;
			if (number === 1) socket.write(OK);
			else socket.resetAndDestroy();
		});
		const client = webhookClient();
		expect(await client.call(callTo(receiver.url))).toEqual(ok);
		expect(await client.call(callTo(receiver.url))).toEqual(reset);
		expect(requests).toBe(3);
		expect(await client.call(callTo(receiver.url))).toEqual(reset);
		expect(requests).toBe(4);
	});

	it.each(["H", "HTTP/1.1 100 Continue\r\n\r\n"])(
		"after some of an answer, %j, is a failure at once",
		async (bytes) => {
			let requests = 0;
			const receiver = await rawReceiver((socket, number) => {
				requests = number;
				if (number === 1) socket.write(OK);
				else socket.end(bytes);
			});
			const client = webhookClient();
			expect(await client.call(callTo(receiver.url))).toEqual(ok);
			expect(await client.call(callTo(receiver.url))).toEqual(reset);
			expect(requests).toBe(2);
		},
	);

	it("later than a stale connection would be is a failure at once: the receiver has worked on it", async () => {
		let requests = 0;
		const receiver = await rawReceiver((socket, number) => {
			requests = number;
			if (number === 1) return socket.write(OK);
			const later = performance.now() + 1_500;
			vi.spyOn(performance, "now").mockReturnValue(later);
			return socket.resetAndDestroy();
		});
		const client = webhookClient();
		expect(await client.call(callTo(receiver.url))).toEqual(ok);
		expect(await client.call(callTo(receiver.url))).toEqual(reset);
		vi.restoreAllMocks();
		expect(requests).toBe(2);
	});

	it("gets no more time than the call had", async () => {
		const receiver = await rawReceiver((socket, number) => {
			if (number === 1) socket.write(OK);
			if (number === 2) socket.resetAndDestroy();
		});
		const client = webhookClient();
		expect(await client.call(callTo(receiver.url))).toEqual(ok);
		const result = await client.call(callTo(receiver.url, 60));
		expect(result).toMatchObject({ failure: "timeout" });
		expect(result.durationMs).toBeLessThan(260);
	});
});

describe("closing the client", () => {
	it("waits for the calls in flight, then closes every connection", async () => {
		let answer = () => {};
		let received = () => {};
		const isReceived = new Promise<void>((resolve) => {
			received = resolve;
		});
		const receiver = await httpReceiver((_, response) => {
			answer = () => response.end();
			received();
		});
		const client = webhookClient();
		const order: string[] = [];
		const call = client.call(callTo(receiver.url)).then(() => order.push("answered"));
		await isReceived;
		const closing = client.close().then(() => order.push("closed"));
		answer();
		await Promise.all([call, closing]);
		expect(order).toEqual(["answered", "closed"]);
		await whenClosed(receiver.sockets[0]);
	});

	it("makes later calls fail", async () => {
		const receiver = await httpReceiver((_, response) => response.end());
		const client = webhookClient();
		await client.close();
		expect(await client.call(callTo(receiver.url))).toMatchObject({ failure: "network_error" });
		expect(receiver.sockets).toHaveLength(0);
	});
});

it("lets the process end with idle connections, and ignores proxies of the environment", async () => {
	const receiver = await httpReceiver((_, response) => response.end());
	const proxy = await httpReceiver((_, response) => response.end());
	const module = new URL("../../lambda/adapters/http/undici-webhook-client.ts", import.meta.url);
	const script = `
		import { UndiciWebhookClient } from ${JSON.stringify(module.href)};
		const client = new UndiciWebhookClient({ addressPolicy: ${JSON.stringify(addressPolicy({ allowPrivate: true }))} });
		const { status } = await client.call(${JSON.stringify(callTo(receiver.url))});
		console.log(status);`;
	const { port } = proxy;
	const proxies = {
		HTTP_PROXY: `http://127.0.0.1:${port}`,
		http_proxy: `http://127.0.0.1:${port}`,
		NO_PROXY: "",
	};
	const { stdout } = await promisify(execFile)(
		process.execPath,
		["--use-env-proxy", "--input-type=module", "-e", script],
		{ env: { ...process.env, ...proxies }, timeout: 3_000 },
	);
	expect(stdout.trim()).toBe("200");
	expect(proxy.sockets).toHaveLength(0);
});
