import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { keepSecret } from "./secret-watch.ts";

/** How a webhook behaves for one call, after it has read the request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

type Reply = Readonly<{
	headers?: Readonly<Record<string, string>>;
	body?: string | Buffer;
	/** Time that the receiver takes before it answers. */
	afterMs?: number;
}>;

/** An ordinary answer, however unwelcome its status. */
export const reply =
	(status: number, { headers = {}, body = "", afterMs = 0 }: Reply = {}): Answer =>
	async (_, response) => {
		keepSecret(body.toString());
		if (afterMs > 0) await sleep(afterMs);
		response.writeHead(status, headers).end(body);
	};

export const redirectTo = (location: string): Answer => reply(302, { headers: { location } });

/** 200 with a body far larger than anybody wants to keep. */
export const hugeBody = (bytes: number): Answer => reply(200, { body: Buffer.alloc(bytes, "x") });

/** Never answers; the caller has to give up. */
export const hang: Answer = () => {};

/** Drops the connection with a TCP RST. */
export const reset: Answer = (request) => {
	request.socket.resetAndDestroy();
};

/** Ends the connection in the middle of a header line. */
export const closeMidHeaders: Answer = (request) => {
	request.socket.end("HTTP/1.1 200 OK\r\nContent-Le");
};

/** Promises 1,000 bytes, sends some and ends the connection. */
export const closeMidBody: Answer = (request) => {
	request.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly the beginning");
};

/** Answers something that is not HTTP. */
export const notHttp: Answer = (request) => {
	request.socket.end("220 smtp.example.com ESMTP ready\r\n");
};

/** 200 at once, then a byte every 100 ms, for longer than any timeout. */
export const trickle: Answer = async (_, response) => {
	response.writeHead(200, { "content-length": "100000" });
	while (!response.destroyed) {
		response.write("x");
		await sleep(100);
	}
};
