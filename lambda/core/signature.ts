import { createHmac } from "node:crypto";

/** What is signed: one attempt of one task. `timestamp` is Unix seconds; `body` the exact text that is sent. */
export type SignedContent = Readonly<{ taskId: string; timestamp: number; body: string }>;

export type SignatureHeaders = Readonly<{
	"x-asyncqueue-signature": string;
	"webhook-id": string;
	"webhook-timestamp": string;
	"webhook-signature": string;
}>;

/**
 * Signs one call with every key in `keys` (newest first; more than one while a key is being rotated).
 *
 * - `X-AsyncQueue-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">[,v1=…]`
 * - Standard Webhooks 1.0.0: `v1,<base64 HMAC-SHA256 of "id.t.body">[ v1,…]`
 */
export const signatureHeaders = (
	{ taskId, timestamp, body }: SignedContent,
	keys: readonly string[],
): SignatureHeaders => {
	const own = keys.map(
		(key) => `v1=${createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex")}`,
	);
	const standard = keys.map(
		(key) => `v1,${createHmac("sha256", key).update(`${taskId}.${timestamp}.${body}`).digest("base64")}`,
	);
	return {
		"x-asyncqueue-signature": [`t=${timestamp}`, ...own].join(","),
		"webhook-id": taskId,
		"webhook-timestamp": String(timestamp),
		"webhook-signature": standard.join(" "),
	};
};
