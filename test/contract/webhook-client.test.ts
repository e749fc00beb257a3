import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { ContinueFilter } from "../../lambda/adapters/http/continue-filter.ts";
import { callTo, httpReceiver, OK, rawReceiver, webhookClient } from "./webhook-client-receiver.ts";

const bodyAfter = async (answer: (response: ServerResponse) => void): Promise<string | null | undefined> => {
	const receiver = await httpReceiver((request, response) => {
		request.resume();
		answer(response);
	});
	const result = await webhookClient().call(callTo(receiver.url));
	return result.kind === "response" ? result.body : undefined;
};

const resultAfter = async (answer: (socket: Socket) => void) => {
	const receiver = await rawReceiver(answer);
	return webhookClient().call(callTo(receiver.url));
};

describe("a webhook call", () => {
	it("is a POST of the given headers and body, and reports what came back", async () => {
		let received: unknown;
		const receiver = await httpReceiver(async (request, response) => {
			const { method, url, headers } = request;
			received = { method, url, headers, body: await text(request) };
			response.writeHead(503, { "Retry-After": "7", "Content-Type": "text/plain" }).end("später");
		});
		const result = await webhookClient().call({
			url: `${receiver.url}/a%20b?c=d#e`,
			headers: { "content-type": "application/json", "x-asyncqueue-attempt": "2" },
			body: '{"payload":{"name":"Zoë"}}',
			timeoutMs: 5_000,
		});
		expect(received).toMatchObject({
			method: "POST",
			url: "/hook/a%20b?c=d",
			headers: {
				host: `127.0.0.1:${receiver.port}`,
				"content-type": "application/json",
				"content-length": "27",
				"x-asyncqueue-attempt": "2",
			},
			body: '{"payload":{"name":"Zoë"}}',
		});
		expect(result).toMatchObject({
			kind: "response",
			status: 503,
			headers: { "retry-after": "7", "content-type": "text/plain" },
			body: "später",
			durationMs: expect.any(Number),
		});
	});

	it("measures its duration in milliseconds with at most one decimal", async () => {
		const { durationMs } = await resultAfter((socket) => socket.write(OK));
		expect(durationMs).toBeGreaterThan(0);
		expect(durationMs).toBeLessThan(5_000);
		expect(Math.round(durationMs * 10) / 10).toBe(durationMs);
	});

	it("does not follow redirects", async () => {
		const elsewhere = await httpReceiver((_, response) => response.end());
		const receiver = await httpReceiver((_, response) => {
			response.writeHead(307, { Location: elsewhere.url }).end();
		});
		const result = await webhookClient().call(callTo(receiver.url));
		expect(result).toMatchObject({ status: 307, headers: { location: elsewhere.url } });
		expect(elsewhere.sockets).toHaveLength(0);
	});

	it.each([
		["102 Processing", "HTTP/1.1 102 Processing\r\n\r\n"],
		["103 Early Hints", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"],
		["100 Continue", "HTTP/1.1 100 Continue\r\n\r\n"],
		["several", "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\n\r\n"],
	])("skips informational answers, on a used connection too: %s", async (_, informational) => {
		const receiver = await rawReceiver((socket) => socket.write(`${informational}${OK}`));
		const client = webhookClient();
		for (let call = 0; call < 2; call++) {
			expect(await client.call(callTo(receiver.url))).toMatchObject({ status: 200, body: "ok" });
		}
		expect(receiver.sockets).toHaveLength(1);
	});

	it("skips a 100 Continue that comes byte by byte", async () => {
		const result = await resultAfter(async (socket) => {
			socket.setNoDelay(true);
			for (const byte of `HTTP/1.1 100 Continue\r\n\r\n${OK}`) {
				await new Promise((resolve) => socket.write(byte, resolve));
			}
		});
		expect(result).toMatchObject({ status: 200, body: "ok" });
	});

	it("does not mistake a body that reads like a 100 Continue for one", () => {
		const socket = new PassThrough();
		new ContinueFilter(socket as unknown as Socket).expectAnswer();
		const pieces = ["HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"];
		for (const piece of pieces) {
			socket.write(piece);
			expect(String(socket.read())).toBe(piece);
		}
	});
});

describe("the body of an answer", () => {
	it("is an empty string when there is none", async () => {
		expect(await bodyAfter((response) => response.writeHead(204).end())).toBe("");
		expect(await bodyAfter((response) => response.end())).toBe("");
	});

	it("is kept up to 1 KiB", async () => {
		expect(await bodyAfter((response) => response.end("x".repeat(1_024)))).toBe("x".repeat(1_024));
		expect(await bodyAfter((response) => response.end("x".repeat(3_000)))).toBe("x".repeat(1_024));
	});

	it("is put together from as many pieces as it comes in", async () => {
		const body = await bodyAfter((response) => {
			for (let piece = 0; piece < 300; piece++) response.write(`${piece} `);
			response.end();
		});
		expect(body).toHaveLength(1_024);
		expect(body).toMatch(/^0 1 2 .* 282 28$/);
	});

	it.each(["é", "€", "😀"])("is not cut in the middle of a character: %s", async (character) => {
		for (let offset = 1; offset < Buffer.byteLength(character); offset++) {
			const start = "x".repeat(1_024 - offset);
			expect(await bodyAfter((response) => response.end(`${start}${character}y`))).toBe(start);
		}
	});

	it.each<[string, string, Buffer]>([
		["it holds a NUL", "text/plain", Buffer.from("a\0b")],
		["it is not UTF-8", "text/plain", Buffer.from([0x61, 0xff, 0x62])],
		["it ends within a character", "text/plain", Buffer.from("€").subarray(0, 2)],
		["it is not UTF-8 beyond the part that is kept", "text/plain", Buffer.alloc(1_024, 0xe2)],
		["its type is an image", "image/png", Buffer.from("png")],
		["its type is a stream of octets", "Application/Octet-Stream", Buffer.from("octets")],
	])("is null when %s", async (_, type, bytes) => {
		expect(await bodyAfter((response) => response.setHeader("content-type", type).end(bytes))).toBeNull();
	});

	it.each(["application/json", "application/problem+json; charset=utf-8", "image/svg+xml", ""])(
		"is text when its type is %s",
		async (type) => {
			expect(await bodyAfter((response) => response.setHeader("content-type", type).end("<a/>"))).toBe(
				"<a/>",
			);
		},
	);

	it("may be 10 MB long: the status counts, and the rest is not read", async () => {
		let whenClosed: Promise<unknown> | undefined;
		let isAllSent = false;
		const receiver = await httpReceiver((_, response) => {
			whenClosed = once(response, "close").then(() => {
				isAllSent = response.writableFinished;
			});
			response.writeHead(200, { "Content-Length": 10_000_000 }).end("x".repeat(10_000_000));
		});
		const result = await webhookClient().call(callTo(receiver.url));
		expect(result).toMatchObject({ kind: "response", status: 200, body: "x".repeat(1_024) });
		await whenClosed;
		expect(isAllSent).toBe(false);
	});

	it("may be 64 KiB long without costing the connection", async () => {
		const receiver = await httpReceiver((_, response) => response.end("x".repeat(65_536)));
		const client = webhookClient();
		for (let call = 0; call < 3; call++) await client.call(callTo(receiver.url));
		expect(receiver.sockets).toHaveLength(1);
	});
});
