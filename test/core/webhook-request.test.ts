import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { webhookRequest } from "../../lambda/core/webhook-request.ts";
import packageJson from "../../package.json" with { type: "json" };
import { verifyWebhook } from "../../receiver/verify-webhook.ts";
import { aTask, NOW, TASK_ID } from "./a-task.ts";

const KEYS = ["aq_live_new", "aq_live_old"];
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("the request for an attempt", () => {
	it("has exactly the body of the contract", () => {
		const { url, body } = webhookRequest(aTask({ attempt: 2 }), KEYS, NOW);
		expect(url).toBe("https://example.com/hook");
		expect(body).toBe(`{"task_id":"${TASK_ID}","queue":"emails","payload":{"user":"usr_123"},"attempt":2}`);
	});

	it("says what it is, and when this attempt was made, in whole seconds", () => {
		const { headers } = webhookRequest(aTask({ attempt: 2 }), KEYS, NOW + 999);
		expect(headers).toStrictEqual({
			"content-type": "application/json",
			"user-agent": `AsyncQueue/${packageJson.version}`,
			"x-asyncqueue-task-id": TASK_ID,
			"x-asyncqueue-attempt": "2",
			"x-asyncqueue-signature": expect.stringMatching(/^t=1795435200,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/),
			"webhook-id": TASK_ID,
			"webhook-timestamp": "1795435200",
			"webhook-signature": expect.any(String),
		});
	});

	it("carries the span that it is of a trace, and the trace's state", () => {
		const span = { traceId: "4bf9", spanId: "00f0", parentId: "00f1", traceparent: TRACEPARENT };
		const { headers } = webhookRequest(aTask({ tracestate: "vendor=a" }), KEYS, NOW, span);
		expect(headers).toMatchObject({ traceparent: TRACEPARENT, tracestate: "vendor=a" });
		const { headers: stateless } = webhookRequest(aTask(), KEYS, NOW, span);
		expect(stateless).toMatchObject({ traceparent: TRACEPARENT });
		expect(stateless).not.toHaveProperty("tracestate");
	});

	it("gives the receiver the payload that was accepted, with either key, whatever it is", () => {
		const payloads = fc.dictionary(fc.string(), fc.jsonValue());
		fc.assert(
			fc.property(
				payloads,
				fc.integer({ min: 1, max: 999 }),
				fc.constantFrom(...KEYS),
				(payload, attempt, key) => {
					const task = aTask({ payload: JSON.stringify(payload), attempt });
					const { body, headers } = webhookRequest(task, KEYS, NOW);
					expect(verifyWebhook(body, headers, key, { now: NOW })).toEqual({
						task_id: TASK_ID,
						queue: "emails",
						payload: JSON.parse(task.payload),
						attempt,
					});
				},
			),
		);
	});
});
