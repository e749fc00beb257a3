import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import { verifiesByHand, verifiesByStandardWebhooks } from "../support/signature-check.ts";
import { hugeBody, reply } from "../support/webhook-answers.ts";

const { api, receiver } = await openScenario();

describe.concurrent("a task without a delay", () => {
	test("reaches its webhook with its payload, its headers and a valid signature", async () => {
		const hook = receiver.hook();
		const queue = unique("orders");
		const payload = { order: 42, note: "Grüße ✓", nested: { list: [1, null, true] } };
		const task = await api.createTask(
			{ queue, webhook_url: hook.url, payload },
			{ traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", tracestate: "vendor=a" },
		);

		const call = await hook.arrival(1);

		expect(call.method).toBe("POST");
		expect(call.body).toStrictEqual({ task_id: task.id, queue, payload, attempt: 1 });
		expect(call.headers).toMatchObject({
			"content-type": expect.stringMatching(/^application\/json/),
			"user-agent": expect.stringMatching(/^AsyncQueue\/\d+\.\d+/),
			"x-asyncqueue-task-id": task.id,
			"x-asyncqueue-attempt": "1",
			"webhook-id": task.id,
			traceparent: expect.stringMatching(
				/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/,
			),
			tracestate: "vendor=a",
		});
		expect(verifiesByHand(call, api.key ?? "")).toBe(true);
		expect(verifiesByStandardWebhooks(call, api.key ?? "")).toBe(true);
		expect(verifiesByHand(call, "aq_live_somebody_elses_key_00000000")).toBe(false);
		expect(verifiesByStandardWebhooks(call, "aq_live_somebody_elses_key_00000000")).toBe(false);
	});

	test("is answered with 201, its address and all its fields", async () => {
		const hook = receiver.hook();
		const queue = unique("orders");
		const answer = await api.call("POST", "/v1/tasks", {
			json: { queue, webhook_url: hook.url, payload: { a: 1 }, priority: 8, max_retries: 2 },
		});

		expect(answer.status).toBe(201);
		expect(answer.body).toMatchObject({
			id: expect.stringMatching(/^task_/),
			queue,
			status: "pending",
			webhook_url: hook.url,
			payload: { a: 1 },
			priority: 8,
			delay: 0,
			max_retries: 2,
			created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
			attempts: [],
		});
		const { id } = answer.body as { id: string };
		expect(answer.headers["location"]).toMatch(new RegExp(`/v1/tasks/${id}$`));
	});

	test("is completed by a 2xx, and its attempt can be looked up", async () => {
		const hook = receiver.hook([reply(204)]);
		const task = await api.createTask({ queue: unique("orders"), webhook_url: hook.url });

		const done = await api.taskInStatus(task.id, "completed");

		expect(done.payload).toStrictEqual({});
		expect(Date.parse(done.completed_at ?? "")).toBeGreaterThanOrEqual(Date.parse(task.created_at));
		expect(done.attempts).toStrictEqual([
			{
				number: 1,
				status: "success",
				response_code: 204,
				error: null,
				duration_ms: expect.any(Number),
				executed_at: expect.stringMatching(/Z$/),
				response_body: expect.toBeOneOf([null, ""]),
			},
		]);
	});

	test("keeps the first KiB of a textual answer", async () => {
		const body = "thanks ".repeat(1_000);
		const hook = receiver.hook([reply(200, { headers: { "content-type": "text/plain" }, body })]);
		const task = await api.createTask({ queue: unique("orders"), webhook_url: hook.url });

		const done = await api.taskInStatus(task.id, "completed");

		expect(done.attempts[0]?.response_body).toBe(body.slice(0, 1_024));
	});

	test("takes an answer of 10 MB for what it is, a 200", async () => {
		const hook = receiver.hook([hugeBody(10_000_000)]);
		const task = await api.createTask({ queue: unique("orders"), webhook_url: hook.url });

		const done = await api.taskInStatus(task.id, "completed");

		expect(done.attempts).toMatchObject([{ number: 1, status: "success", response_code: 200 }]);
		expect(hook.arrivals).toHaveLength(1);
	});

	test("may carry 200 KiB of payload", async () => {
		const hook = receiver.hook();
		const payload = { text: "é".repeat(100_000) };
		await api.createTask({ queue: unique("orders"), webhook_url: hook.url, payload });

		const call = await hook.arrival(1);

		expect(call.body.payload).toStrictEqual(payload);
		expect(verifiesByHand(call, api.key ?? "")).toBe(true);
	});
});
