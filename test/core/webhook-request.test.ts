import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validTraceparent } from "../../lambda/core/traceparent.ts";
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

	it("carries the trace of the request that created the task, if it had one", () => {
		const { headers } = webhookRequest(aTask({ traceparent: TRACEPARENT }), KEYS, NOW);
		expect(headers).toMatchObject({ traceparent: TRACEPARENT });
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

describe("a traceparent", () => {
	it.each([
		TRACEPARENT,
		"00-0bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
		`00-${"0".repeat(31)}1-${"0".repeat(15)}1-01`,
	])("is passed on when it is valid, as %s", (header) => {
		expect(validTraceparent(header)).toBe(header);
	});

	it.each([
		undefined,
		"",
		TRACEPARENT.toUpperCase(),
		TRACEPARENT.replace(/^00/, "ff"),
		`${TRACEPARENT}-00`,
		`00-${TRACEPARENT}`,
		`${TRACEPARENT}\r\nx: y`,
		`00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
		`00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`,
	])("is dropped when it is %j", (header) => {
		expect(validTraceparent(header)).toBeUndefined();
	});
});
