import type { WebhookHeaders } from "../../receiver/verify-webhook.ts";
import {
	readBytes,
	type WebhookHandler,
	type WebhookOptions,
	webhookResponder,
} from "./webhook-responder.ts";

/** What is used of Node's `IncomingMessage`, and of what body parsers add to it. */
type NodeRequest = AsyncIterable<Uint8Array> & {
	headers: WebhookHeaders;
	readableDidRead: boolean;
	body?: unknown;
	rawBody?: unknown;
};

/** What is used of Node's `ServerResponse`. */
type NodeResponse = {
	statusCode: number;
	setHeader(name: string, value: string): unknown;
	end(body: Uint8Array): unknown;
};

const isRaw = (body: unknown): body is string | Uint8Array =>
	typeof body === "string" || body instanceof Uint8Array;

/** The bytes as they came: from the stream, or from a parser that keeps them, such as `express.raw()`. */
const rawBodyOf = async (request: NodeRequest): Promise<string | Uint8Array> => {
	const raw = [request.rawBody, request.body].find(isRaw);
	if (raw !== undefined) return raw;
	if (!request.readableDidRead) return readBytes(request);
	throw new TypeError(
		"The body was parsed already: put the webhook before express.json(), or use express.raw()",
	);
};

/** For Express, Connect and `node:http`. It reads the body itself: put it before `express.json()`. */
export const expressWebhook = <Payload = Record<string, unknown>>(
	options: WebhookOptions<Payload>,
	handler: WebhookHandler<Payload>,
): ((request: NodeRequest, response: NodeResponse) => Promise<void>) => {
	const respond = webhookResponder(options, handler);
	return async (request, response) => {
		const answer = await respond({ headers: request.headers, readBody: () => rawBodyOf(request) });
		response.statusCode = answer.status;
		answer.headers.forEach((value, name) => {
			response.setHeader(name, value);
		});
		response.end(new Uint8Array(await answer.arrayBuffer()));
	};
};
