import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import type { RouteHandler } from "../lambda/middleware/json-route.ts";
import { problemResponse } from "../lambda/middleware/problem-details.ts";
import type { Log } from "../lambda/ports.ts";
import { toApiEvent, writeApiResult } from "./api-gateway-event.ts";

/** Like Lambda's synchronous request payload: what is larger never reaches a handler. */
const MAX_BODY_BYTES = 6_291_456;

type HttpServerOptions = Readonly<{
	api: RouteHandler;
	/**
	 * Called when a request begins. What it returns resolves when everything written since is on disk, and rejects if
	 * any of it was lost; no response leaves before.
	 */
	beginWrites: () => () => Promise<void>;
	log: Log;
}>;

const readBody = (request: IncomingMessage): Promise<string> =>
	new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let bytes = 0;
		request.on("data", (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes > MAX_BODY_BYTES)
				reject(new AsyncQueueError("body_too_large", `The body exceeds ${MAX_BODY_BYTES} bytes`));
			else chunks.push(chunk);
		});
		request.on("end", () =>
			resolve(chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString("utf8")),
		);
		request.on("error", reject);
	});

const refuse = (response: ServerResponse, error: unknown, requestId: string, log: Log): void => {
	if (!(error instanceof AsyncQueueError)) log.error("http.failed", { request_id: requestId, error });
	if (response.headersSent || response.destroyed) return;
	const problem =
		error instanceof AsyncQueueError
			? error
			: new AsyncQueueError("unavailable", "The request could not be stored; please try again");
	const result = problemResponse(problem);
	// The rest of an unread body would be taken for the next request.
	const headers = { ...result.headers, "x-request-id": requestId, connection: "close" };
	writeApiResult(response, { ...result, headers });
};

const answer = async (
	{ api, beginWrites }: HttpServerOptions,
	request: IncomingMessage,
	response: ServerResponse,
	requestId: string,
): Promise<void> => {
	const body = await readBody(request);
	const committed = beginWrites();
	const result = await api(toApiEvent(request, body, requestId), {});
	await committed();
	writeApiResult(response, result);
};

/** Serves the API handler over HTTP the way API Gateway does: same events, same results. */
export const createHttpServer = (options: HttpServerOptions): Server =>
	createServer((request, response) => {
		const requestId = randomUUID();
		answer(options, request, response, requestId).catch((error: unknown) =>
			refuse(response, error, requestId, options.log),
		);
	});
