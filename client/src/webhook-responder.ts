import {
	type WebhookBody,
	type WebhookHeaders,
	WebhookVerificationError,
} from "../../receiver/verify-webhook.ts";
import { PayloadError, type StandardSchema, validatePayload } from "./standard-schema.ts";
import { verifyWebhookAsync } from "./verify-webhook-async.ts";
import { refusalResponse, textResponse } from "./webhook-refusal.ts";

/** One call of a webhook, proven to be from AsyncQueue. `task_id` and `attempt` tell a repeated one from a new one. */
export type WebhookCall<Payload = Record<string, unknown>> = Omit<WebhookBody, "payload"> &
	Readonly<{ payload: Payload }>;

type Keys = string | readonly string[];

export type WebhookOptions<Payload = Record<string, unknown>> = Readonly<{
	/** The API key that creates the tasks; the old and the new one while it is being rotated; or where to get them. */
	key: Keys | (() => Keys | Promise<Keys>);
	/** Checks the payload, and makes its type: zod, Valibot, ArkType or another Standard Schema. */
	schema?: StandardSchema<Payload> | undefined;
	/** How far the clocks may be apart; 300 by default. */
	toleranceSeconds?: number | undefined;
	/** Is told what a handler threw, and why a request was refused; `console.error` by default. */
	onError?: ((error: unknown) => void) | undefined;
}>;

/**
 * Returns when the work is done: the task is then completed. What it throws makes AsyncQueue try again, but for
 * `NoRetryError`. A `Response` is passed on.
 */
export type WebhookHandler<Payload> = (call: WebhookCall<Payload>) => HandlerResult | Promise<HandlerResult>;

// biome-ignore lint/suspicious/noConfusingVoidType: handlers without a return statement return void.
type HandlerResult = Response | undefined | void;

/** A request, however it came. */
type ReceivedRequest = Readonly<{
	headers: WebhookHeaders;
	/** The bytes that were received. May throw `BodyTooLargeError`. */
	readBody: () => Promise<string | Uint8Array>;
}>;

export type WebhookResponder = (request: ReceivedRequest) => Promise<Response>;

/** AsyncQueue sends payloads of 256 KiB at most. */
const MAX_BODY_BYTES = 1_048_576;

class BodyTooLargeError extends Error {
	override readonly name = "BodyTooLargeError";
}

/** The whole of a stream. Throws `BodyTooLargeError` as soon as it is more than a webhook can be. */
export const readBytes = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of chunks) {
		length += chunk.length;
		if (length > MAX_BODY_BYTES) throw new BodyTooLargeError(`the body exceeds ${MAX_BODY_BYTES} bytes`);
		parts.push(chunk);
	}
	const bytes = new Uint8Array(length);
	let offset = 0;
	for (const part of parts) {
		bytes.set(part, offset);
		offset += part.length;
	}
	return bytes;
};

const errorResponse = (error: unknown): Response => {
	if (error instanceof WebhookVerificationError)
		return textResponse(error.code === "malformed_body" ? 400 : 401, error.message);
	if (error instanceof PayloadError) return textResponse(400, error.message);
	if (error instanceof BodyTooLargeError) return textResponse(413, error.message);
	// What a handler throws may hold secrets.
	return refusalResponse(error) ?? textResponse(500, "the handler failed");
};

/**
 * Verifies, validates and handles requests: 401 without a valid signature, 400 for a body that is not to be used, 500
 * when the handler throws, 204 when it returns. Rejects only with what `onError` throws.
 */
export const webhookResponder =
	<Payload>(
		{ key, schema, toleranceSeconds, onError = console.error }: WebhookOptions<Payload>,
		handler: WebhookHandler<Payload>,
	): WebhookResponder =>
	async ({ headers, readBody }) => {
		try {
			const keys = typeof key === "function" ? await key() : key;
			const options = toleranceSeconds === undefined ? {} : { toleranceSeconds };
			const call = await verifyWebhookAsync(await readBody(), headers, keys, options);
			// Without a schema the payload's type is the caller's word.
			const payload = schema ? await validatePayload(schema, call.payload) : (call.payload as Payload);
			return (await handler({ ...call, payload })) || new Response(null, { status: 204 });
		} catch (error) {
			onError(error);
			return errorResponse(error);
		}
	};
