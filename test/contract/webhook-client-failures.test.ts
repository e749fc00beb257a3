import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { callFailure } from "../../lambda/adapters/http/call-failure.ts";
import { selfSignedCertificate } from "./webhook-client-certificate.ts";
import { callTo, rawReceiver, tlsReceiver, webhookClient, whenClosed } from "./webhook-client-receiver.ts";

const failureAfter = async (answer: (socket: Socket, number: number) => void): Promise<unknown> => {
	const receiver = await rawReceiver(answer);
	return webhookClient().call(callTo(receiver.url));
};

const failed = (failure: string) => ({ kind: "failure", failure, durationMs: expect.any(Number) });

/** Writes one byte at a time, for as long as the other side listens. */
const trickle = (socket: Socket, start: string, byte: string): void => {
	socket.write(start);
	const timer = setInterval(() => socket.write(byte), 5);
	socket.on("close", () => clearInterval(timer));
};

/** The port of a listener in a thread that never accepts, with its queue of connections filled up: a SYN is dropped. */
const unreachablePort = async (): Promise<number> => {
	const thread = new Worker(
		`const { parentPort } = require("node:worker_threads");
		const server = require("node:net").createServer().listen(0, "127.0.0.1", 1, () => {
			parentPort.postMessage(server.address().port);
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
		});`,
		{ eval: true },
	);
	const [port] = await once(thread, "message");
	const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
	onTestFinished(async () => {
		for (const filler of fillers) filler.destroy();
		await thread.terminate();
	});
	await once(fillers[0] as Socket, "connect");
	return port;
};

describe("a call that takes too long fails with timeout, on time", () => {
	const TIMEOUT_MS = 60;

	const expectTimeout = async (url: string, options: Parameters<typeof webhookClient>[0] = {}) => {
		const result = await webhookClient(options).call(callTo(url, TIMEOUT_MS));
		expect(result).toEqual(failed("timeout"));
		expect(result.durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
		// A few ms late when the machine is idle.
		expect(result.durationMs).toBeLessThan(TIMEOUT_MS + 200);
	};

	it.each<[string, (socket: Socket) => void]>([
		["no answer comes", () => {}],
		["the headers trickle", (socket) => trickle(socket, "HTTP/1.1 200 OK\r\nX-Slow: ", "x")],
		["the header never ends", (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")],
		["the body stalls", (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")],
		["the body trickles", (socket) => trickle(socket, "HTTP/1.1 200 OK\r\n\r\n", "x")],
		["only informational answers come", (socket) => trickle(socket, "", "HTTP/1.1 103 Hm\r\n\r\n")],
		["100 Continue never ends", (socket) => trickle(socket, "HTTP/1.1 100 Continue\r\nX-Slow: ", "x")],
	])("when %s", async (_, answer) => {
		const receiver = await rawReceiver(answer);
		await expectTimeout(receiver.url);
		await whenClosed(receiver.sockets[0]);
	});

	it("when the name lookup hangs", async () => {
		await expectTimeout("http://receiver.example/", { lookup: () => {} });
	});

	it("when connecting hangs", async () => {
		await expectTimeout(`http://127.0.0.1:${await unreachablePort()}/`);
	});

	it("when the TLS handshake hangs, and takes the socket with it", async () => {
		const receiver = await rawReceiver(() => {});
		await expectTimeout(receiver.url.replace("http:", "https:"));
		await whenClosed(receiver.sockets[0]);
	});
});

describe("a connection", () => {
	it("that is refused is connection_refused", async () => {
		const { port } = await rawReceiver(() => {});
		const client = webhookClient({
			lookup: (_name, _options, callback) => callback(null, [{ address: "127.0.0.2", family: 4 }]),
		});
		expect(await client.call(callTo(`http://receiver.example:${port}/`))).toEqual(
			failed("connection_refused"),
		);
	});

	it("refused on one address and without a route to another is connection_refused", () => {
		const noRoute = Object.assign(new Error(), { code: "ENETUNREACH" });
		const refused = Object.assign(new Error(), { code: "ECONNREFUSED" });
		expect(callFailure(new AggregateError([noRoute, refused]))).toBe("connection_refused");
		expect(callFailure(new AggregateError([noRoute, noRoute]))).toBe("network_error");
	});

	it.each<[string, (socket: Socket) => void]>([
		["reset before the answer", (socket) => socket.resetAndDestroy()],
		["closed before the answer", (socket) => socket.end()],
		["closed within the status line", (socket) => socket.end("HTTP/1.")],
		["closed within a 100 Continue", (socket) => socket.end("HTTP/1.1 100 Continue\r\n")],
		["closed after a 100 Continue", (socket) => socket.end("HTTP/1.1 100 Continue\r\n\r\n")],
		["closed within the header", (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Le")],
		["closed within the body", (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")],
		[
			"closed within a body that was to be its last",
			(socket) => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nok"),
		],
		[
			"closed within a chunked body",
			(socket) => socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
		],
		[
			"closed within a chunked body that was to be its last",
			(socket) =>
				socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
		],
	])("%s is connection_reset", async (_, answer) => {
		expect(await failureAfter(answer)).toEqual(failed("connection_reset"));
	});

	it("closed at the end of a body without a length is no failure", async () => {
		expect(await failureAfter((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nok"))).toMatchObject({
			status: 200,
			body: "ok",
		});
	});
});

describe("an answer that is not HTTP/1.1 is invalid_response", () => {
	it.each([
		["garbage", "SSH-2.0-OpenSSH_9.6\r\n"],
		["an impossible status", "HTTP/1.1 2000 OK\r\n\r\n"],
		["an unfinished header name", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"],
		["a header block of more than 16 KiB", `HTTP/1.1 200 OK\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`],
		["a 100 Continue of more than 16 KiB", `HTTP/1.1 100 Continue\r\nX-Large: ${"x".repeat(20_000)}`],
		["a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
		[
			"a change of protocol",
			"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
		],
	])("%s", async (_, bytes) => {
		expect(await failureAfter((socket) => socket.write(bytes))).toEqual(failed("invalid_response"));
	});
});

describe("TLS", () => {
	const certificate = selfSignedCertificate("receiver.example");
	const options = {
		ca: certificate.cert,
		lookup: (_name: string, _options: object, callback: (error: null, address: string, family: 4) => void) =>
			callback(null, "127.0.0.1", 4),
	};

	it("works with a certificate of a trusted authority for the name in the URL", async () => {
		const { port } = await tlsReceiver(certificate);
		const client = webhookClient(options);
		for (let call = 0; call < 2; call++) {
			expect(await client.call(callTo(`https://receiver.example:${port}/`))).toMatchObject({ status: 200 });
		}
	});

	it("without a trusted certificate is tls_error", async () => {
		const { port } = await tlsReceiver(certificate);
		const client = webhookClient({ lookup: options.lookup });
		expect(await client.call(callTo(`https://receiver.example:${port}/`))).toEqual(failed("tls_error"));
	});

	it("with a certificate for another name is tls_error", async () => {
		const { port } = await tlsReceiver(certificate);
		expect(await webhookClient(options).call(callTo(`https://other.example:${port}/`))).toEqual(
			failed("tls_error"),
		);
	});

	it("with an expired certificate is tls_error", async () => {
		const expired = selfSignedCertificate("receiver.example", Date.now() - 60_000);
		const { port } = await tlsReceiver(expired);
		const client = webhookClient({ ...options, ca: expired.cert });
		expect(await client.call(callTo(`https://receiver.example:${port}/`))).toEqual(failed("tls_error"));
	});

	it("to a receiver that speaks plain HTTP is tls_error", async () => {
		const receiver = await rawReceiver((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
		const result = await webhookClient().call(callTo(receiver.url.replace("http:", "https:")));
		expect(result).toEqual(failed("tls_error"));
	});
});

describe("a call that cannot be made is a failure too, never an exception", () => {
	it.each(["", "not a url", "http://"])("for the URL %j", async (url) => {
		expect(await webhookClient().call(callTo(url))).toEqual(failed("network_error"));
	});

	it("for a header that HTTP does not allow", async () => {
		const receiver = await rawReceiver(() => {});
		const call = { ...callTo(receiver.url), headers: { "x-header": "a\r\nb: c" } };
		expect(await webhookClient().call(call)).toEqual(failed("network_error"));
	});
});
