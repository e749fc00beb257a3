import { AsyncQueueApiError, AsyncQueueConnectionError } from "./errors.ts";
import { type Limits, withinLimits } from "./limits.ts";

/** What the client needs of `fetch`: the global one, or one's own with a proxy, a pool or a trace. */
export type Fetch = (
	url: string,
	init: {
		method: string;
		headers: Record<string, string>;
		body?: string;
		signal: AbortSignal;
		redirect: "manual";
	},
) => Promise<Response>;

export type HttpRequest = Readonly<{
	method: string;
	url: string;
	headers: Readonly<Record<string, string>>;
	/** JSON text. */
	body: string | undefined;
}>;

/** JSON of an answer: undefined when there is none, or none that can be read. */
const parseJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

const readAnswer = async (response: Response): Promise<unknown> => {
	const body = parseJson(await response.text());
	if (!response.ok) throw new AsyncQueueApiError(response, body, Date.now());
	if (body === undefined && response.status !== 204)
		throw new AsyncQueueConnectionError(
			`The answer (${response.status}) is not JSON: is this the API's URL?`,
		);
	return body;
};

/**
 * One HTTP request, and the JSON that it is answered with. Throws `AsyncQueueApiError`, `AsyncQueueConnectionError`,
 * `AsyncQueueTimeoutError`, or the signal's reason.
 */
export const fetchJson = (fetch: Fetch, request: HttpRequest, limits: Limits): Promise<unknown> => {
	const { method, url, headers, body } = request;
	return withinLimits(`an answer to ${method} ${url}`, limits, async (signal) => {
		try {
			// A redirected POST would arrive as a GET: redirects are errors, not followed.
			const init = { method, headers: { ...headers }, signal, redirect: "manual" } as const;
			return await readAnswer(await fetch(url, body === undefined ? init : { ...init, body }));
		} catch (error) {
			if (error instanceof AsyncQueueApiError || error instanceof AsyncQueueConnectionError) throw error;
			throw new AsyncQueueConnectionError(`${method} ${url} failed: ${String(error)}`, { cause: error });
		}
	});
};
