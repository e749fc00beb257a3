import fc from "fast-check";
import { expect, test } from "vitest";
import { verifyWebhookAsync } from "../../client/src/edge.ts";
import { signatureHeaders } from "../../lambda/core/signature.ts";
import { verifyWebhook, WebhookVerificationError } from "../../receiver/verify-webhook.ts";

const KEY = "aq_live_0123456789abcdefghijklmnopqrstuv";
const OTHER = "aq_live_zyxwvutsrqponmlkjihgfedcba987654";
const NOW = 1_795_435_200_000;
const TASK = { task_id: "task_1", queue: "emails", payload: { name: "Zoë 🎉" }, attempt: 2 };
const BODY = JSON.stringify(TASK);

type Arguments = Parameters<typeof verifyWebhook>;

const signed = (body: string, keys: readonly string[], timestamp = NOW / 1_000) => ({
	...signatureHeaders({ taskId: "task_1", timestamp, body }, keys),
});

/** What came of it, so that two ways can be compared. */
const outcomeOf = async (verify: () => unknown): Promise<unknown> => {
	try {
		return await verify();
	} catch (error) {
		return error instanceof WebhookVerificationError ? error.code : (error as Error).name;
	}
};

const bothWays = (...request: Arguments): Promise<unknown[]> =>
	Promise.all([outcomeOf(() => verifyWebhook(...request)), outcomeOf(() => verifyWebhookAsync(...request))]);

const ours = signed(BODY, [KEY]);
const v1 = ours["x-asyncqueue-signature"].split("v1=")[1] ?? "";
const header = (value: string) => ({ "x-asyncqueue-signature": value });

test.each<[string, unknown, Arguments]>([
	["a signed text", TASK, [BODY, ours, KEY, { now: NOW }]],
	["signed bytes", TASK, [Buffer.from(BODY), ours, KEY, { now: NOW }]],
	["Fetch headers", TASK, [BODY, new Headers(ours), KEY, { now: NOW }]],
	["two keys at the sender", TASK, [BODY, signed(BODY, [OTHER, KEY]), KEY, { now: NOW }]],
	["two keys at the receiver", TASK, [BODY, ours, [OTHER, KEY], { now: NOW }]],
	["another key", "signature_mismatch", [BODY, ours, OTHER, { now: NOW }]],
	["an altered body", "signature_mismatch", [`${BODY} `, ours, KEY, { now: NOW }]],
	[
		"an altered signature",
		"signature_mismatch",
		[BODY, header(`t=1795435200,v1=${"0".repeat(64)}`), KEY, { now: NOW }],
	],
	["no signature", "missing_signature", [BODY, {}, KEY, { now: NOW }]],
	["half a signature", "malformed_signature", [BODY, header("t=1795435200,v1=ab"), KEY, { now: NOW }]],
	["an old request", "stale_timestamp", [BODY, ours, KEY, { now: NOW + 301_000 }]],
	["a clock that is no number", "stale_timestamp", [BODY, ours, KEY, { now: Number.NaN }]],
	["another document", "malformed_body", ["[]", signed("[]", [KEY]), KEY, { now: NOW }]],
	["an empty key", "TypeError", [BODY, signed(BODY, [""]), "", { now: NOW }]],
	["a parsed body", "TypeError", [TASK as unknown as string, ours, KEY, { now: NOW }]],
])("both ways to verify agree about %s", async (_, expected, request) => {
	expect(await bothWays(...request)).toStrictEqual([expected, expected]);
});

test("both ways to verify agree about any change of any byte of body and signature", async () => {
	const bytes = Buffer.from(BODY);
	const change = fc.record({
		at: fc.nat({ max: bytes.length + 64 - 1 }),
		by: fc.integer({ min: 1, max: 15 }),
	});
	await fc.assert(
		fc.asyncProperty(change, async ({ at, by }) => {
			const body = Buffer.from(bytes);
			const digits = [...v1];
			if (at < bytes.length) body[at] = (body[at] ?? 0) ^ by;
			else {
				const digit = at - bytes.length;
				digits[digit] = (Number.parseInt(digits[digit] ?? "0", 16) ^ by).toString(16);
			}
			const headers = header(`t=1795435200,v1=${digits.join("")}`);
			const outcomes = await bothWays(body, headers, KEY, { now: NOW });
			expect(outcomes).toStrictEqual(["signature_mismatch", "signature_mismatch"]);
		}),
		{ numRuns: 200 },
	);
});
