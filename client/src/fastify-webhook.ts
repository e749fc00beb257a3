import type { WebhookHeaders } from "../../receiver/verify-webhook.ts";
import { type WebhookHandler, type WebhookOptions, webhookResponder } from "./webhook-responder.ts";

type FastifyRequest = { headers: WebhookHeaders; body: unknown };

type FastifyReply = {
	code(status: number): unknown;
	headers(headers: Record<string, string>): unknown;
	send(body: Uint8Array): unknown;
};

/** What is used of a Fastify instance. */
type Fastify = {
	removeAllContentTypeParsers(): void;
	addContentTypeParser(
		type: string,
		options: { parseAs: "buffer" },
		parser: (request: never, body: Uint8Array, done: (error: Error | null, body?: unknown) => void) => void,
	): unknown;
	post(path: string, handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>): unknown;
};

/**
 * For Fastify: `app.register(fastifyWebhook({ key }, handler), { prefix: "/webhooks/emails" })`. Only below that prefix
 * are bodies left unparsed.
 */
export const fastifyWebhook = <Payload = Record<string, unknown>>(
	options: WebhookOptions<Payload>,
	handler: WebhookHandler<Payload>,
): ((app: Fastify) => Promise<void>) => {
	const respond = webhookResponder(options, handler);
	return async (app) => {
		app.removeAllContentTypeParsers();
		app.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));
		app.post("/", async ({ headers, body }, reply) => {
			const readBody = async () => (body instanceof Uint8Array ? body : "");
			const answer = await respond({ headers, readBody });
			reply.code(answer.status);
			reply.headers(Object.fromEntries(answer.headers));
			return reply.send(new Uint8Array(await answer.arrayBuffer()));
		});
	};
};
