import {
	acceptClaim,
	readClaim,
	type VerifyOptions,
	type WebhookBody,
	type WebhookClaim,
	type WebhookHeaders,
} from "../../receiver/verify-webhook.ts";

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

const encoder = new TextEncoder();

/** `<t>.<raw body>`, which is what is signed. */
const signedBytes = ({ timestamp, bytes }: WebhookClaim): Uint8Array<ArrayBuffer> => {
	const prefix = encoder.encode(`${timestamp}.`);
	const signed = new Uint8Array(prefix.length + bytes.length);
	signed.set(prefix);
	signed.set(bytes, prefix.length);
	return signed;
};

const hexHmac = async (key: string, message: Uint8Array<ArrayBuffer>): Promise<string> => {
	const hmacKey = await crypto.subtle.importKey("raw", encoder.encode(key), HMAC, false, ["sign"]);
	const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, message));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** For two texts of 64 characters. Looks at all of them, wherever they differ, so that its time tells nothing. */
const isEqual = (ours: string, theirs: string): boolean => {
	let difference = ours.length ^ theirs.length;
	for (let index = 0; index < ours.length; index += 1)
		difference |= ours.charCodeAt(index) ^ theirs.charCodeAt(index);
	return difference === 0;
};

/**
 * `verifyWebhook` on Web Crypto, for every runtime that has it: the same arguments, results and errors, as a promise.
 * One HMAC a key, however many signatures a stranger sends.
 */
export const verifyWebhookAsync = async (
	rawBody: string | Uint8Array,
	headers: WebhookHeaders,
	key: string | readonly string[],
	options?: VerifyOptions,
): Promise<WebhookBody> => {
	const claim = readClaim(rawBody, headers, key);
	const message = signedBytes(claim);
	const ours = await Promise.all(claim.keys.map((each) => hexHmac(each, message)));
	const isSigned = ours.some((mine) => claim.signatures.some((theirs) => isEqual(mine, theirs)));
	return acceptClaim(claim, isSigned, options);
};
