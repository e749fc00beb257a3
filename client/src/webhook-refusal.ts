/** What AsyncQueue keeps with the attempt. */
export const textResponse = (status: number, body: string, headers: Record<string, string> = {}): Response =>
	new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });

/**
 * How a refusal is answered. Each entry of the package has these classes once as an ES module and once as CommonJS, and
 * an error of the one is no instance of the other: this name they share.
 */
const ANSWER: unique symbol = Symbol.for("asyncqueue-client.answer") as never;

/** Thrown by a handler: the task fails at once, without further attempts. The message is kept with the attempt. */
export class NoRetryError extends Error {
	override readonly name = "NoRetryError";

	/** @internal */
	[ANSWER](): Response {
		return textResponse(422, this.message, { "x-asyncqueue-no-retry": "true" });
	}
}

/** `Retry-After` as seconds or a date (RFC 9110 §10.2.3), which has whole seconds too: never one before `after`. */
const retryAfter = (after: number | Date): string =>
	after instanceof Date
		? new Date(Math.ceil(after.getTime() / 1_000) * 1_000).toUTCString()
		: String(Math.max(0, Math.ceil(after)));

/** Thrown by a handler: the next attempt comes after `after`, seconds or an instant, or later; a day at most. */
export class RetryLaterError extends Error {
	override readonly name = "RetryLaterError";
	readonly after: number | Date;

	constructor(after: number | Date, message = "later") {
		super(message);
		this.after = after;
	}

	/** @internal */
	[ANSWER](): Response {
		return textResponse(503, this.message, { "retry-after": retryAfter(this.after) });
	}
}

const isRefusal = (error: unknown): error is NoRetryError | RetryLaterError =>
	error instanceof Error && ANSWER in error;

/** The answer to a refusal, or undefined when the error is none. */
export const refusalResponse = (error: unknown): Response | undefined =>
	isRefusal(error) ? error[ANSWER]() : undefined;
