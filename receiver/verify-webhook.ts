import { createHmac, timingSafeEqual } from "node:crypto";

export type WebhookVerificationCode =
	| "missing_signature"
	| "malformed_signature"
	| "signature_mismatch"
	| "stale_timestamp"
	| "malformed_body";

/** Answer it with 401 (or 400): the request is not from AsyncQueue, or not for now. */
export class WebhookVerificationError extends Error {
	override readonly name = "WebhookVerificationError";
	/** Stable: branch on it, not on the message. */
	readonly code: WebhookVerificationCode;

	constructor(code: WebhookVerificationCode, message: string) {
		super(message);
		this.code = code;
	}
}

/** What AsyncQueue sends. `task_id` and `attempt` tell a repeated call from a new one. */
export type WebhookBody = Readonly<{
	task_id: string;
	queue: string;
	payload: Record<string, unknown>;
	attempt: number;
}>;

/** Headers as Node, Express, Fastify, Lambda (plain objects) or Fetch (`Headers`) hand them out. */
export type WebhookHeaders =
	| Readonly<Record<string, string | readonly string[] | undefined>>
	| { get(name: string): string | null };

export type VerifyOptions = Readonly<{
	/** How far the sender's clock and ours may be apart; also how long a recorded request can be replayed. */
	toleranceSeconds?: number;
	/** Epoch ms. */
	now?: number;
}>;

/** What a request says of itself: well-formed, not proven. */
export type WebhookClaim = Readonly<{
	bytes: Uint8Array;
	/** Unix seconds, as they are signed. */
	timestamp: string;
	/** SHA-256 HMACs in hex. */
	signatures: readonly string[];
	keys: readonly string[];
}>;

const HEADER = "x-asyncqueue-signature";
const MAX_HEADER_LENGTH = 4_096;
const TIMESTAMP = /^\d{1,12}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

const isFetchHeaders = (headers: WebhookHeaders): headers is { get(name: string): string | null } =>
	typeof headers["get"] === "function";

const signatureHeader = (headers: WebhookHeaders): string => {
	const values = isFetchHeaders(headers)
		? [headers.get(HEADER)]
		: Object.entries(headers)
				.filter(([name]) => name.toLowerCase() === HEADER)
				.flatMap(([, value]) => value);
	const header = values.filter(Boolean).join(",");
	if (!header) throw new WebhookVerificationError("missing_signature", `no ${HEADER} header`);
	return header;
};

/** `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`; other names are for later versions and skipped. */
const parseSignature = (header: string): Pick<WebhookClaim, "timestamp" | "signatures"> => {
	const pairs = header.length > MAX_HEADER_LENGTH ? [] : header.split(",").map((pair) => pair.trim());
	const valuesOf = (name: string) =>
		pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
	const [timestamp, ...moreTimestamps] = valuesOf("t");
	const signatures = valuesOf("v1");
	const isWellFormed =
		TIMESTAMP.test(timestamp ?? "") &&
		moreTimestamps.length === 0 &&
		signatures.length > 0 &&
		signatures.every((signature) => SHA256_HEX.test(signature));
	if (!timestamp || !isWellFormed)
		throw new WebhookVerificationError("malformed_signature", `${HEADER} is not t=<seconds>,v1=<hex>`);
	return { timestamp, signatures };
};

const isWebhookBody = (value: unknown): value is WebhookBody => {
	const { task_id, queue, payload, attempt } = (value ?? {}) as Partial<Record<keyof WebhookBody, unknown>>;
	return (
		typeof task_id === "string" &&
		typeof queue === "string" &&
		typeof payload === "object" &&
		payload !== null &&
		!Array.isArray(payload) &&
		Number.isInteger(attempt)
	);
};

const parseBody = (bytes: Uint8Array): WebhookBody => {
	try {
		const body: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
		if (isWebhookBody(body)) return body;
	} catch {
		// The same error as for JSON of another shape.
	}
	throw new WebhookVerificationError("malformed_body", "the body is not an AsyncQueue webhook");
};

/** A mistake in the calling code, found before it can let anybody in. */
const assertUsable = (rawBody: unknown, keys: readonly string[]): void => {
	if (typeof rawBody !== "string" && !(rawBody instanceof Uint8Array))
		throw new TypeError("rawBody must be the text or bytes that were received, before JSON.parse");
	if (!Array.isArray(keys) || keys.length === 0 || keys.some((key) => typeof key !== "string" || key === ""))
		throw new TypeError("key must be a non-empty API key, or several");
};

/** Everything before the cryptography. Throws `WebhookVerificationError` and, for mistakes of ours, `TypeError`. */
export const readClaim = (
	rawBody: string | Uint8Array,
	headers: WebhookHeaders,
	key: string | readonly string[],
): WebhookClaim => {
	const keys = typeof key === "string" ? [key] : key;
	assertUsable(rawBody, keys);
	const bytes = typeof rawBody === "string" ? new TextEncoder().encode(rawBody) : rawBody;
	return { bytes, keys, ...parseSignature(signatureHeader(headers)) };
};

/** Everything after it: `isSigned` tells whether one of the claim's signatures is one by its keys. */
export const acceptClaim = (
	{ bytes, timestamp }: WebhookClaim,
	isSigned: boolean,
	{ toleranceSeconds = 300, now = Date.now() }: VerifyOptions = {},
): WebhookBody => {
	if (!isSigned)
		throw new WebhookVerificationError("signature_mismatch", "signed with another key, or altered");

	// Written so that a NaN refuses.
	const isRecent = Math.abs(now / 1_000 - Number(timestamp)) <= toleranceSeconds;
	if (!isRecent) throw new WebhookVerificationError("stale_timestamp", "sent too long ago, or in the future");

	return parseBody(bytes);
};

/**
 * Proves that a request comes from AsyncQueue, unaltered and recently, and returns its body. Throws
 * `WebhookVerificationError` otherwise.
 *
 * `key` is the API key that created the task; give the old and the new one while you rotate it. `rawBody` must be what
 * came over the wire: a body that was parsed and serialized again has other bytes.
 *
 * @example
 * ```ts
 * app.post("/webhooks", express.raw({ type: "application/json", limit: "1mb" }), (request, response) => {
 *   const key = process.env.ASYNCQUEUE_API_KEY ?? "";
 *   const { task_id, attempt, payload } = verifyWebhook(request.body, request.headers, key);
 *   response.sendStatus(204);
 * });
 * ```
 */
export const verifyWebhook = (
	rawBody: string | Uint8Array,
	headers: WebhookHeaders,
	key: string | readonly string[],
	options?: VerifyOptions,
): WebhookBody => {
	const claim = readClaim(rawBody, headers, key);
	const theirs = claim.signatures.map((signature) => Buffer.from(signature, "hex"));
	const isSigned = claim.keys.some((each) => {
		const ours = createHmac("sha256", each).update(`${claim.timestamp}.`).update(claim.bytes).digest();
		return theirs.some((signature) => timingSafeEqual(ours, signature));
	});
	return acceptClaim(claim, isSigned, options);
};
