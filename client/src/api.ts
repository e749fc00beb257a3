import { AsyncQueueApiError, AsyncQueueConnectionError, AsyncQueueError } from "./errors.ts";
import { pause } from "./pause.ts";
import { type Fetch, fetchJson, type HttpRequest } from "./transport.ts";

/** What every method takes last. */
export type CallOptions = Readonly<{
	/** Aborts the call and its repetitions; it then rejects with the signal's reason. */
	signal?: AbortSignal | undefined;
	/** For each HTTP request, from its start to the last byte of the answer. */
	timeoutMs?: number | undefined;
	/** Repetitions after the first request. */
	retries?: number | undefined;
}>;

export type ApiOptions = Readonly<{
	/** Where the API is, such as `https://queue.example.com`; a path in it is kept. */
	url: string;
	apiKey: string;
	/** The global `fetch` by default. */
	fetch?: Fetch | undefined;
	/** Repetitions after the first request; 3 by default, 0 for none. */
	retries?: number | undefined;
	/** For each HTTP request; 30,000 by default. */
	timeoutMs?: number | undefined;
}>;

/** A request to the API. */
export type ApiCall = Readonly<{
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Segments, as they are before they are encoded. */
	path: readonly string[];
	query?: Readonly<Record<string, string | number | boolean | undefined>>;
	body?: unknown;
	idempotencyKey?: string;
	/** False when doing it twice is not the same as once: then only a 429, which did nothing, is followed by another. */
	isRepeatable?: boolean;
	/** Whether an answer is worth asking for again, as some of it failed for now. */
	isIncomplete?: (body: unknown) => boolean;
}>;

type Outcome = Readonly<{ body: unknown } | { error: AsyncQueueError }>;

const BASE_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8_000;
/** Whoever is to be left alone for longer is not waited for: the error says how long. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Between half of the backoff and all of it, so that clients that failed together do not come back together. */
const jittered = (ms: number): number => ms * (0.5 + Math.random() / 2);

/** From 250 ms before the first repetition, doubled each time, up to 8 s. */
const backoffMs = (attempt: number): number =>
	jittered(Math.min(BASE_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS));

const isPassing = (error: AsyncQueueError, isRepeatable: boolean): boolean => {
	if (error instanceof AsyncQueueConnectionError) return isRepeatable;
	if (!(error instanceof AsyncQueueApiError)) return false;
	return error.status === 429 || (error.status >= 500 && isRepeatable);
};

/** Ms to wait before attempt `attempt` is followed by another, or undefined when its outcome stands. */
const waitBeforeNext = (call: ApiCall, outcome: Outcome, attempt: number): number | undefined => {
	if ("body" in outcome) return call.isIncomplete?.(outcome.body) ? backoffMs(attempt) : undefined;
	const { error } = outcome;
	if (!isPassing(error, call.isRepeatable ?? true)) return undefined;
	const retryAfterMs = (error instanceof AsyncQueueApiError && error.retryAfterMs) || 0;
	return retryAfterMs > MAX_RETRY_AFTER_MS ? undefined : Math.max(retryAfterMs, backoffMs(attempt));
};

/** Throws a TypeError for a segment that would make another path of it. */
const encodePath = (segments: readonly string[]): string =>
	segments
		.map((segment) => {
			if (typeof segment === "string" && !/^\.{0,2}$/.test(segment)) return `/${encodeURIComponent(segment)}`;
			throw new TypeError(`"${segment}" is not a name or an id`);
		})
		.join("");

/** As the API takes it. A header that cannot be sent would look like a broken connection. */
const assertIdempotencyKey = (key: string | undefined): void => {
	if (key !== undefined && !/^[\x20-\x7e]{1,255}$/.test(key))
		throw new TypeError("idempotencyKey must be 1-255 printable ASCII characters");
};

const baseOf = (url: string): string => {
	if (!/^https?:\/\//i.test(url)) throw new TypeError("url must begin with http:// or https://");
	const { origin, pathname } = new URL(url);
	return origin + pathname.replace(/\/+$/, "");
};

/** Sends requests to one API with one key, again and again where that is safe. */
export class Api {
	readonly #base: string;
	readonly #apiKey: string;
	readonly #fetch: Fetch;
	readonly #retries: number;
	readonly timeoutMs: number;

	constructor({ url, apiKey, fetch, retries = 3, timeoutMs = 30_000 }: ApiOptions) {
		if (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey))
			throw new TypeError("apiKey must be an API key");
		this.#base = baseOf(url);
		this.#apiKey = apiKey;
		// Looked up at each call, as tests and tracers replace it; called without a `this`, as browsers demand.
		this.#fetch = fetch ?? ((...request) => globalThis.fetch(...request));
		this.#retries = retries;
		this.timeoutMs = timeoutMs;
	}

	/** The JSON that the API answers with; undefined for a 204. Rejects with a TypeError for what cannot be sent. */
	async send<Body>(call: ApiCall, options: CallOptions = {}): Promise<Body> {
		const request = this.#requestOf(call);
		const retries = options.retries ?? this.#retries;
		for (let attempt = 1; ; attempt += 1) {
			const outcome = await this.#attempt(request, options);
			const waitMs = attempt > retries ? undefined : waitBeforeNext(call, outcome, attempt);
			if (waitMs !== undefined) {
				await pause(waitMs, options.signal);
				continue;
			}
			if ("body" in outcome) return outcome.body as Body;
			outcome.error.attempts = attempt;
			outcome.error.idempotencyKey = call.idempotencyKey;
			throw outcome.error;
		}
	}

	/** Serialized once, so that every repetition says the same. */
	#requestOf({ method, path, query = {}, body, idempotencyKey }: ApiCall): HttpRequest {
		assertIdempotencyKey(idempotencyKey);
		const search = new URLSearchParams();
		for (const [name, value] of Object.entries(query))
			if (value !== undefined) search.set(name, String(value));
		return {
			method,
			url: `${this.#base}${encodePath(path)}${search.size > 0 ? "?" : ""}${search}`,
			headers: {
				accept: "application/json",
				authorization: `Bearer ${this.#apiKey}`,
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		};
	}

	/** Throws only what is not about the API: the reason of an abort. */
	async #attempt(
		request: HttpRequest,
		{ signal, timeoutMs = this.timeoutMs }: CallOptions,
	): Promise<Outcome> {
		try {
			return { body: await fetchJson(this.#fetch, request, { signal, timeoutMs }) };
		} catch (error) {
			if (error instanceof AsyncQueueError && !signal?.aborted) return { error };
			throw signal?.aborted ? signal.reason : error;
		}
	}
}
