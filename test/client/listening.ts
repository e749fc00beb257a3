import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll } from "vitest";
import { toApiEvent } from "../../local/api-gateway-event.ts";

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Serves on a free port of loopback until the tests of the file are done, and gives the URL. */
export const listening = async (listener: RequestListener): Promise<string> => {
	const server = createServer(listener).listen(0, "127.0.0.1");
	await once(server, "listening");
	afterAll(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${portOf(server)}`;
};

const namesAndValues = ({ headers }: IncomingMessage): [string, string][] =>
	Object.entries(headers).map(([name, value]) => [name, String(value)]);

/** A server of a Fetch handler, as runtimes have one built in. */
export const fetchListener =
	(handle: (request: Request) => Promise<Response>): RequestListener =>
	async (incoming, outgoing) => {
		const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
		const init = { method: "POST", headers: namesAndValues(incoming), body, duplex: "half" } as const;
		const response = await handle(new Request("http://localhost/", init));
		outgoing.writeHead(response.status, Object.fromEntries(response.headers));
		outgoing.end(await response.text());
	};

type LambdaHandler = (
	event: ReturnType<typeof toApiEvent>,
) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;

/** What a Function URL makes of requests. AWS hands bodies over in base64 when it does not know them to be text. */
export const functionUrlListener =
	(handle: LambdaHandler, encoding: "utf8" | "base64"): RequestListener =>
	async (incoming, outgoing) => {
		const body = (await buffer(incoming)).toString(encoding);
		const event = toApiEvent(incoming, { body, isBase64Encoded: encoding === "base64" }, "r-1");
		const { statusCode, headers, body: answer } = await handle(event);
		outgoing.writeHead(statusCode, headers).end(answer);
	};
