import { randomUUID } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { AsyncQueueError, type ErrorCode } from "../lambda/core/errors.ts";
import { problemResponse } from "../lambda/middleware/problem-details.ts";

/** Node's errors of requests that never become one, in words of HTTP. */
const refusals: Readonly<Record<string, readonly [ErrorCode, string]>> = {
	ERR_HTTP_REQUEST_TIMEOUT: ["request_timeout", "The request did not arrive in time"],
	HPE_HEADER_OVERFLOW: ["headers_too_large", "The request line and headers are too large"],
	HPE_CHUNK_EXTENSIONS_OVERFLOW: ["body_too_large", "The chunk extensions are too large"],
};

const refusalOf = (code: string | undefined): AsyncQueueError => {
	const [errorCode, message] = refusals[code ?? ""] ?? [
		"malformed_request",
		"This is not a valid HTTP request",
	];
	return new AsyncQueueError(errorCode, message);
};

/** The response as it goes over the wire, where there is no `ServerResponse` to write it. */
const responseText = (error: AsyncQueueError): string => {
	const { statusCode = 400, headers, body = "" } = problemResponse(error);
	const lines = Object.entries({
		...headers,
		"x-request-id": randomUUID(),
		date: new Date().toUTCString(),
		"content-length": Buffer.byteLength(body),
		connection: "close",
	}).map(([name, value]) => `${name}: ${value}\r\n`);
	return `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${lines.join("")}\r\n${body}`;
};

/** What the socket's client still sends is dropped for `lingerMs`: closing over unread bytes would lose the answer. */
const endWith = (socket: Duplex, text: string, lingerMs: number): void => {
	const linger = setTimeout(() => socket.destroy(), lingerMs);
	socket.once("close", () => clearTimeout(linger));
	socket.end(text);
};

/**
 * Has the server answer what its parser refuses (RFC 9112 errors, too large headers, too slow requests) with a problem,
 * like everything else, and then close the connection. An answer that is due to an earlier request goes first.
 */
export const refuseMalformedRequests = (server: Server, lingerMs: number): void => {
	const latest = new WeakMap<Duplex, ServerResponse>();
	const refused = new WeakSet<Duplex>();

	server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
		latest.set(socket, response);
	});

	const refuse = (socket: Duplex, error: AsyncQueueError): void => {
		// The parser complains again about whatever follows.
		if (refused.has(socket)) return;
		refused.add(socket);
		const response = latest.get(socket);
		const end = () => endWith(socket, responseText(error), lingerMs);
		if (!response || response.writableFinished) end();
		else if (response.req.complete) response.once("finish", end);
		else if (response.headersSent) socket.destroy();
		else end();
	};

	server.on("clientError", ({ code }: NodeJS.ErrnoException, socket: Duplex) => {
		if (socket.writable && code !== "ECONNRESET") refuse(socket, refusalOf(code));
		else socket.destroy();
	});
	server.on("connect", ({ url }: IncomingMessage, socket: Duplex) => {
		socket.on("error", () => socket.destroy());
		refuse(socket, new AsyncQueueError("route_not_found", `There is no route ${url}`));
	});
};
