import {
	readBytes,
	type WebhookHandler,
	type WebhookOptions,
	webhookResponder,
} from "./webhook-responder.ts";

/** Not every runtime can iterate over a `ReadableStream`. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
	const reader = stream.getReader();
	try {
		for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield chunk.value;
	} finally {
		await reader.cancel();
	}
}

/**
 * For what speaks Fetch: Cloudflare Workers, Deno, Bun, Next.js, Hono, SvelteKit and others.
 *
 * @example
 * ```ts
 * export const POST = webhookHandler({ key }, async ({ payload }) => { await send(payload) })
 * ```
 */
export const webhookHandler = <Payload = Record<string, unknown>>(
	options: WebhookOptions<Payload>,
	handler: WebhookHandler<Payload>,
): ((request: Request) => Promise<Response>) => {
	const respond = webhookResponder(options, handler);
	return ({ headers, body }) =>
		respond({ headers, readBody: async () => (body ? readBytes(chunksOf(body)) : "") });
};
