import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import type { RouteHandler } from "../lambda/middleware/json-route.ts";
import { problemResponse } from "../lambda/middleware/problem-details.ts";
import type { Log } from "../lambda/ports.ts";
import { toApiEvent, writeApiResult } from "./api-gateway-event.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http-limits.ts";
import { refuseMalformedRequests } from "./refused-connections.ts";
import { BodyReader } from "./request-body.ts";

type HttpServerOptions = Readonly<{
	api: RouteHandler;
	/**
	 * Called when a request begins. What it returns resolves when everything written since is on disk, and rejects if
	 * any of it was lost; no response leaves before.
	 */
	beginWrites: () => () => Promise<void>;
	log: Log;
	limits?: HttpLimits;
}>;

/** One `Host` in HTTP/1.1 (RFC 9112 §3.2). Repeated headers have been joined with commas. */
const assertHost = ({ headers, httpVersion }: IncomingMessage): void => {
	const isUsable = headers.host === undefined ? httpVersion === "1.0" : !headers.host.includes(",");
	if (!isUsable) throw new AsyncQueueError("malformed_request", "Send one Host header");
};

const problemFor = (error: unknown): AsyncQueueError =>
	error instanceof AsyncQueueError
		? error
		: new AsyncQueueError("unavailable", "The request could not be stored; please try again");

/** Serves the API handler over HTTP the way API Gateway does: same events, same results. */
class ApiServer {
	readonly #options: HttpServerOptions;
	readonly #limits: HttpLimits;
	readonly #bodies: BodyReader;

	constructor(options: HttpServerOptions, limits: HttpLimits) {
		this.#options = options;
		this.#limits = limits;
		this.#bodies = new BodyReader(limits);
	}

	async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const requestId = randomUUID();
		try {
			await this.#answer(request, response, requestId);
		} catch (error) {
			this.#refuse(request, response, error, requestId);
		}
	}

	/** Tells a client that waits for it to send its body (RFC 9110 §10.1.1), unless that will be refused anyway. */
	sendContinue(request: IncomingMessage, response: ServerResponse): void {
		if (this.#bodies.fits(request)) response.writeContinue();
	}

	async #answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
		assertHost(request);
		const body = await this.#bodies.read(request);
		const committed = this.#options.beginWrites();
		const result = await this.#options.api(toApiEvent(request, body, requestId), {});
		await committed();
		writeApiResult(response, result);
	}

	#refuse(request: IncomingMessage, response: ServerResponse, error: unknown, requestId: string): void {
		const { log } = this.#options;
		if (request.destroyed && !request.complete) {
			log.debug("http.broken_off", { request_id: requestId });
			return;
		}
		if (!(error instanceof AsyncQueueError)) log.error("http.failed", { request_id: requestId, error });
		if (response.headersSent || response.destroyed) return;
		const result = problemResponse(problemFor(error));
		// The rest of an unread body would be taken for the next request.
		const headers = { ...result.headers, "x-request-id": requestId, connection: "close" };
		writeApiResult(response, { ...result, headers }, (body) => this.#endWhenRead(request, response, body));
	}

	/** Sends all of the response, but does not close before the client has sent all of its request, or had time to. */
	#endWhenRead(request: IncomingMessage, response: ServerResponse, body: string): void {
		const end = () => response.end();
		response.write(body);
		if (request.complete) {
			end();
			return;
		}
		const timer = setTimeout(end, this.#limits.linger);
		response.once("close", () => clearTimeout(timer));
		request.once("end", end).resume();
	}
}

/** A server that holds its clients to `limits`. */
export const createHttpServer = (options: HttpServerOptions): Server => {
	const { limits = HTTP_LIMITS } = options;
	const api = new ApiServer(options, limits);
	const server = createServer({
		headersTimeout: limits.headersTimeout,
		requestTimeout: limits.requestTimeout,
		connectionsCheckingInterval: limits.checkingInterval,
		maxHeaderSize: limits.headerBytes,
		joinDuplicateHeaders: true,
		// It would be refused without a problem; `assertHost` sees to it.
		requireHostHeader: false,
	});
	server.timeout = limits.idleTimeout;
	server.maxConnections = limits.connections;
	// All of them: leaving some out might leave out the one that makes a request safe to repeat. Their size is limited.
	server.maxHeadersCount = 0;
	// Whoever has sent all there is to send may say so, and still gets the answer. Known to Node, but not to its types.
	Object.assign(server, { httpAllowHalfOpen: true });
	server.on("request", (request, response) => void api.handle(request, response));
	server.on("checkContinue", (request, response) => {
		api.sendContinue(request, response);
		server.emit("request", request, response);
	});
	// Expectations that nobody knows may be ignored (RFC 9110 §10.1.1).
	server.on("checkExpectation", (request, response) => server.emit("request", request, response));
	refuseMalformedRequests(server, limits.linger);
	return server;
};
