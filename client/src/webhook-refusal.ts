/** Thrown by a handler: the task fails at once, without further attempts. The message is kept with the attempt. */
export class NoRetryError extends Error {
	override readonly name = "NoRetryError";
}

/** Thrown by a handler: the next attempt comes after `after`, seconds or an instant, or later; a day at most. */
export class RetryLaterError extends Error {
	override readonly name = "RetryLaterError";
	readonly after: number | Date;

	constructor(after: number | Date, message = "later") {
		super(message);
		this.after = after;
	}
}

/** What AsyncQueue keeps with the attempt. */
export const textResponse = (status: number, body: string, headers: Record<string, string> = {}): Response =>
	new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });

/** `Retry-After` as seconds or a date (RFC 9110 §10.2.3). */
const retryAfter = (after: number | Date): string =>
	after instanceof Date ? after.toUTCString() : String(Math.max(0, Math.ceil(after)));

/** The answer to a refusal, or undefined when the error is none. */
export const refusalResponse = (error: unknown): Response | undefined => {
	if (error instanceof NoRetryError)
		return textResponse(422, error.message, { "x-asyncqueue-no-retry": "true" });
	if (error instanceof RetryLaterError)
		return textResponse(503, error.message, { "retry-after": retryAfter(error.after) });
	return undefined;
};
