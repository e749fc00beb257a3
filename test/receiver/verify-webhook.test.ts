import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signatureHeaders } from "../../lambda/core/signature.ts";
import {
	type VerifyOptions,
	verifyWebhook,
	WebhookVerificationError,
} from "../../receiver/verify-webhook.ts";

const KEY = "aq_live_0123456789abcdefghijklmnopqrstuv";
const OTHER_KEY = "aq_live_zyxwvutsrqponmlkjihgfedcba987654";
const NOW = 1_795_435_200_000;
const TIMESTAMP = NOW / 1_000;
const TASK = { task_id: "task_1", queue: "emails", payload: { name: "Zoë 🎉" }, attempt: 2 };
const BODY = JSON.stringify(TASK);

/** Headers that AsyncQueue sends with `body`. */
const signed = (body = BODY, keys: readonly string[] = [KEY], timestamp = TIMESTAMP) =>
	signatureHeaders({ taskId: "task_1", timestamp, body }, keys);

const signatureOf = (body: string | Uint8Array, key = KEY): string =>
	createHmac("sha256", key).update(`${TIMESTAMP}.`).update(body).digest("hex");

const header = (value: string) => ({ "x-asyncqueue-signature": value });

const verify = (
	headers: Parameters<typeof verifyWebhook>[1],
	body: string | Uint8Array = BODY,
	options: VerifyOptions = {},
) => verifyWebhook(body, headers, KEY, { now: NOW, ...options });

const codeOf = (call: () => unknown): string => {
	try {
		call();
		return "verified";
	} catch (error) {
		if (error instanceof WebhookVerificationError) return error.code;
		throw error;
	}
};

describe("a webhook from AsyncQueue", () => {
	it("is verified, and its body returned", () => {
		expect(verify(signed())).toEqual(TASK);
	});

	it("is verified in bytes as well as in text", () => {
		expect(verify(signed(), Buffer.from(BODY))).toEqual(TASK);
		expect(verify(signed(), new TextEncoder().encode(BODY))).toEqual(TASK);
	});

	it("is verified by the official Standard Webhooks library too", () => {
		const headers = signed(BODY, [KEY], Math.floor(Date.now() / 1_000));
		expect(verifyWebhook(BODY, headers, KEY)).toEqual(TASK);
		const webhook = new Webhook(`whsec_${Buffer.from(KEY).toString("base64")}`);
		expect(webhook.verify(BODY, { ...headers })).toEqual(TASK);
	});

	it("is verified while its key is being rotated, with either key on either side", () => {
		const rotating = signed(BODY, [OTHER_KEY, KEY]);
		for (const key of [KEY, OTHER_KEY, [KEY, OTHER_KEY], ["aq_live_unused", KEY]]) {
			expect(verifyWebhook(BODY, rotating, key, { now: NOW })).toEqual(TASK);
		}
		expect(verifyWebhook(BODY, signed(), [OTHER_KEY, KEY], { now: NOW })).toEqual(TASK);
	});

	it.each<[string, (value: string) => Parameters<typeof verifyWebhook>[1]]>([
		["lower case, as in Node and Lambda", (value) => ({ "x-asyncqueue-signature": value })],
		["the case it was sent in", (value) => ({ "X-AsyncQueue-Signature": value })],
		["capitals, as in CGI", (value) => ({ "X-ASYNCQUEUE-SIGNATURE": value })],
		["a list of values", (value) => ({ "x-asyncqueue-signature": [value] })],
		["Fetch Headers", (value) => new Headers({ "X-AsyncQueue-Signature": value })],
		["an object with a header called get", (value) => ({ ...header(value), get: "x" })],
		["an object with undefined values", (value) => ({ other: undefined, ...header(value) })],
	])("is verified with headers in the form of %s", (_, headers) => {
		expect(verify(headers(signed()["x-asyncqueue-signature"]))).toEqual(TASK);
	});

	it("is verified with spaces and later additions in its signature", () => {
		const value = `t=${TIMESTAMP}, v2=abc ,v1=${signatureOf(BODY)},x`;
		expect(verify(header(value))).toEqual(TASK);
	});
});

describe("a webhook is refused", () => {
	it.each([
		["there is none", {}],
		["it is empty", header("")],
		["it is undefined", { "x-asyncqueue-signature": undefined }],
		["its list is empty", { "x-asyncqueue-signature": [] }],
		["only the Standard Webhooks headers are there", { "webhook-signature": signed()["webhook-signature"] }],
		["Fetch Headers have none", new Headers()],
	])("as missing_signature when %s", (_, headers) => {
		expect(codeOf(() => verify(headers))).toBe("missing_signature");
	});

	const v1 = `v1=${signatureOf(BODY)}`;
	it.each([
		["is something else", "hello"],
		["has no timestamp", v1],
		["has no signature", `t=${TIMESTAMP}`],
		["has an empty timestamp", `t=,${v1}`],
		["has a timestamp that is no number", `t=now,${v1}`],
		["has a negative timestamp", `t=-1,${v1}`],
		["has a timestamp in hexadecimal", `t=0x10,${v1}`],
		["has a timestamp in milliseconds with a fraction", `t=${TIMESTAMP}.5,${v1}`],
		["has a timestamp beyond all dates", `t=${"9".repeat(13)},${v1}`],
		["has two timestamps", `t=${TIMESTAMP},t=${TIMESTAMP},${v1}`],
		["has an empty signature", `t=${TIMESTAMP},v1=`],
		["is truncated", `t=${TIMESTAMP},${v1.slice(0, -1)}`],
		["is too long", `t=${TIMESTAMP},${v1}0`],
		["is in capitals", `t=${TIMESTAMP},v1=${signatureOf(BODY).toUpperCase()}`],
		["is not hexadecimal", `t=${TIMESTAMP},v1=${"g".repeat(64)}`],
		["is in base64", `t=${TIMESTAMP},v1=${Buffer.from(signatureOf(BODY), "hex").toString("base64")}`],
		["has a good and a broken signature", `t=${TIMESTAMP},${v1},v1=abc`],
		["is only of a later version", `t=${TIMESTAMP},v2=${signatureOf(BODY)}`],
		["is a giant", `t=${TIMESTAMP}${`,${v1}`.repeat(10_000)}`],
		["has a giant timestamp", `t=${"1".repeat(1_000_000)},${v1}`],
	])("as malformed_signature when it %s", (_, value) => {
		expect(codeOf(() => verify(header(value)))).toBe("malformed_signature");
	});

	it.each<[string, () => unknown]>([
		["the body was altered", () => verify(signed(), BODY.replace("emails", "orders"))],
		["the body was serialized again", () => verify(signed(), JSON.stringify(TASK, null, 1))],
		["the body is empty", () => verify(signed(), "")],
		["the timestamp was altered", () => verify(header(`t=${TIMESTAMP + 1},v1=${signatureOf(BODY)}`))],
		[
			"the timestamp was written differently",
			() => verify(header(`t=0${TIMESTAMP},v1=${signatureOf(BODY)}`)),
		],
		["the signature is another task's", () => verify(signed("{}"))],
		["the signature is all zeros", () => verify(header(`t=${TIMESTAMP},v1=${"0".repeat(64)}`))],
		["the key is another one", () => verifyWebhook(BODY, signed(), OTHER_KEY, { now: NOW })],
		[
			"none of the keys is the one",
			() => verifyWebhook(BODY, signed(), [OTHER_KEY, `${KEY}x`], { now: NOW }),
		],
		[
			"the dot is moved from timestamp to body",
			() => verify(header(`t=${TIMESTAMP},v1=${signatureOf(BODY)}`), `.${BODY}`),
		],
		[
			"bytes that are not UTF-8 stand where U+FFFD was",
			() => {
				const lossy = Buffer.from(BODY.replace("ë", "\ufffd"));
				const raw = Buffer.from(BODY.replace("ë", "?")).fill(0xff, BODY.indexOf("ë"), BODY.indexOf("ë") + 1);
				return verify(header(`t=${TIMESTAMP},v1=${signatureOf(lossy)}`), raw);
			},
		],
	])("as signature_mismatch when %s", (_, call) => {
		expect(codeOf(call)).toBe("signature_mismatch");
	});

	it("as signature_mismatch when any one byte of the body is another", () => {
		const bytes = Buffer.from(BODY);
		const change = fc.record({
			index: fc.nat({ max: bytes.length - 1 }),
			difference: fc.integer({ min: 1, max: 255 }),
		});
		fc.assert(
			fc.property(change, ({ index, difference }) => {
				const altered = Buffer.from(bytes);
				altered[index] = (altered[index] ?? 0) ^ difference;
				expect(codeOf(() => verify(signed(), altered))).toBe("signature_mismatch");
			}),
			{ numRuns: 500 },
		);
	});

	it("as stale_timestamp when it was sent more than 5 minutes ago, or from now", () => {
		for (const seconds of [-300, -299, 0, 300]) {
			expect(codeOf(() => verify(signed(), BODY, { now: NOW + seconds * 1_000 }))).toBe("verified");
		}
		for (const seconds of [-301, 301, 86_400]) {
			expect(codeOf(() => verify(signed(), BODY, { now: NOW + seconds * 1_000 }))).toBe("stale_timestamp");
		}
	});

	it("as stale_timestamp beyond a tolerance of one's own, and by the clock of the system", () => {
		expect(codeOf(() => verify(signed(), BODY, { toleranceSeconds: 10, now: NOW + 11_000 }))).toBe(
			"stale_timestamp",
		);
		expect(codeOf(() => verify(signed(), BODY, { toleranceSeconds: 0 }))).toBe("verified");
		expect(codeOf(() => verifyWebhook(BODY, signed(BODY, [KEY], 1), KEY))).toBe("stale_timestamp");
	});

	it("as stale_timestamp when the tolerance or the clock is no number", () => {
		expect(codeOf(() => verify(signed(), BODY, { toleranceSeconds: Number.NaN }))).toBe("stale_timestamp");
		expect(codeOf(() => verify(signed(), BODY, { now: Number.NaN }))).toBe("stale_timestamp");
	});

	const misshapen = [{ task_id: 1 }, { queue: null }, { payload: [] }, { payload: null }, { attempt: "2" }];
	const bodies = misshapen.map((change) => JSON.stringify({ ...TASK, ...change }));

	it.each(["", "not json", "null", "[]", "1", "{}", ...bodies])(
		"as malformed_body when it is signed but is %s",
		(body) => {
			expect(codeOf(() => verify(signed(body), body))).toBe("malformed_body");
		},
	);

	it("as malformed_body when it is signed but is not UTF-8", () => {
		const bytes = Buffer.from(BODY.replace("task_1", "task_?"));
		bytes[bytes.indexOf("?")] = 0xff;
		expect(codeOf(() => verify(header(`t=${TIMESTAMP},v1=${signatureOf(bytes)}`), bytes))).toBe(
			"malformed_body",
		);
	});

	it("whatever the header says, never with another error", () => {
		const anything = fc.oneof(
			fc.string(),
			fc.string().map((text) => `t=${TIMESTAMP},v1=${text}`),
		);
		fc.assert(
			fc.property(anything, (value) => {
				expect(codeOf(() => verify(header(value)))).toMatch(/^(missing|malformed)_signature$/);
			}),
		);
	});
});

describe("a mistake of the receiver is a TypeError, and lets nobody in", () => {
	const withEmptyKey = signed(BODY, [""]);

	it.each<[string, unknown]>([
		["empty", ""],
		["missing", undefined],
		["an empty list", []],
		["a list with an empty one", [KEY, ""]],
		["a list with a missing one", [KEY, undefined]],
	])("when the key is %s", (_, key) => {
		expect(() => verifyWebhook(BODY, withEmptyKey, key as string, { now: NOW })).toThrow(
			new TypeError("key must be a non-empty API key, or several"),
		);
	});

	it("when the body has been parsed", () => {
		expect(() => verifyWebhook(TASK as unknown as string, signed(), KEY)).toThrow(
			"rawBody must be the text or bytes that were received",
		);
	});
});
