import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { onTestFinished } from "vitest";
import {
	UndiciWebhookClient,
	type UndiciWebhookClientOptions,
} from "../../lambda/adapters/http/undici-webhook-client.ts";
import { addressPolicy } from "../../lambda/core/address-policy.ts";

export type Receiver = Readonly<{ url: string; port: number; sockets: readonly Socket[] }>;

const listen = async (server: Server, scheme: "http" | "https"): Promise<Receiver> => {
	const sockets: Socket[] = [];
	server.on("connection", (socket) => {
		socket.on("error", () => {});
		sockets.push(socket);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	onTestFinished(() => {
		server.close();
		for (const socket of sockets) socket.destroy();
	});
	const { port } = server.address() as AddressInfo;
	return { url: `${scheme}://127.0.0.1:${port}/hook`, port, sockets };
};

/** A well-behaved receiver. */
export const httpReceiver = (listener: RequestListener): Promise<Receiver> =>
	listen(createServer(listener), "http");

/** A receiver that does anything it likes with the socket of each request; `number` counts requests from 1. */
export const rawReceiver = (onRequest: (socket: Socket, number: number) => void): Promise<Receiver> => {
	let requests = 0;
	const server = createTcpServer((socket) => {
		socket.on("data", () => {
			requests += 1;
			onRequest(socket, requests);
		});
	});
	return listen(server, "http");
};

/** A receiver that answers 200 over TLS. */
export const tlsReceiver = (
	certificate: Readonly<{ cert: string; key: string | Buffer }>,
): Promise<Receiver> => {
	const server = createTlsServer(certificate, (socket) => {
		socket.on("error", () => {});
		socket.on("data", () => socket.write(OK));
	});
	return listen(server, "https");
};

/** Resolves when the socket is closed, by an error or without. */
export const whenClosed = (socket: Socket | undefined): Promise<void> =>
	new Promise((resolve) => {
		if (!socket || socket.closed) resolve();
		else socket.once("close", () => resolve());
	});

/** Bytes of an answer. */
export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

export const webhookClient = (options: Partial<UndiciWebhookClientOptions> = {}): UndiciWebhookClient => {
	const client = new UndiciWebhookClient({
		addressPolicy: addressPolicy({ allowPrivate: true }),
		...options,
	});
	onTestFinished(() => client.close());
	return client;
};

/** A call that is expected to be over long before its time. */
export const callTo = (url: string, timeoutMs = 5_000) => ({
	url,
	headers: { "content-type": "application/json" },
	body: '{"task_id":"task_1"}',
	timeoutMs,
});
