import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signatureHeaders } from "../../lambda/core/signature.ts";
import { verifyWebhook } from "../../receiver/verify-webhook.ts";

const KEY = "aq_live_0123456789abcdefghijklmnopqrstuv";
const content = {
	taskId: "task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF",
	timestamp: 1_795_435_200,
	body: '{"task_id":"task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF","queue":"emails","payload":{"name":"Zoë"},"attempt":1}',
};

describe("the signature of a call", () => {
	// printf '%s' "$t.$body" | openssl dgst -sha256 -hmac "$key"; the other one with "$id.$t.$body", -binary and base64
	it("is what openssl computes", () => {
		expect(signatureHeaders(content, [KEY])).toEqual({
			"x-asyncqueue-signature":
				"t=1795435200,v1=8bf92fc2f8462c6af7aa63a090c46f52776d6bd8c235742fecf7dd0a382f434b",
			"webhook-id": "task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF",
			"webhook-timestamp": "1795435200",
			"webhook-signature": "v1,MXPnxzSMascHqCIQQl/JBlkBch6vPSu63XACoHnco1w=",
		});
	});

	it("is one of each kind per key while a key is being rotated, the newest first", () => {
		const headers = signatureHeaders(content, ["aq_live_new", "aq_live_old"]);
		const hex = ["aq_live_new", "aq_live_old"].map((key) =>
			createHmac("sha256", key).update(`${content.timestamp}.${content.body}`).digest("hex"),
		);
		expect(headers["x-asyncqueue-signature"]).toBe(`t=1795435200,v1=${hex[0]},v1=${hex[1]}`);
		expect(headers["webhook-signature"]).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
	});

	it("is accepted by verifyWebhook and by the official Standard Webhooks library, for any task", () => {
		const key = fc.stringMatching(/^aq_(live|test)_[A-Za-z0-9_-]{32}$/);
		fc.assert(
			fc.property(
				key,
				fc.dictionary(fc.string(), fc.jsonValue()),
				fc.integer({ min: 1 }),
				(secret, payload, attempt) => {
					const task = { task_id: content.taskId, queue: "emails", payload, attempt };
					const body = JSON.stringify(task);
					const timestamp = Math.floor(Date.now() / 1_000);
					const headers = signatureHeaders({ taskId: content.taskId, timestamp, body }, [secret]);
					const parsed = JSON.parse(body);
					expect(verifyWebhook(body, headers, secret)).toEqual(parsed);
					const standard = new Webhook(`whsec_${Buffer.from(secret).toString("base64")}`);
					expect(standard.verify(body, { ...headers })).toEqual(parsed);
				},
			),
		);
	});
});
