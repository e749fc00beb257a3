import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import {
	type Answer,
	closeMidBody,
	closeMidHeaders,
	hang,
	notHttp,
	redirectTo,
	reply,
	reset,
	trickle,
} from "../support/webhook-answers.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

const { api, receiver } = await openScenario();

const elsewhere = receiver.hook();

const misbehaviours: readonly (readonly [does: string, answer: Answer, error: string])[] = [
	["never answers", hang, "timeout"],
	["answers a byte at a time", trickle, "timeout"],
	["resets the connection", reset, "connection_reset"],
	["closes in the middle of the headers", closeMidHeaders, "connection_reset"],
	["closes in the middle of the body", closeMidBody, "connection_reset"],
	["answers something that is not HTTP", notHttp, "invalid_response"],
	["redirects", redirectTo(elsewhere.url), "http_302"],
	["says 304", reply(304), "http_304"],
	["says 404", reply(404), "http_404"],
	["says 599", reply(599), "http_599"],
];

describe.concurrent("a webhook that", () => {
	test.for(misbehaviours)("%s fails the attempt as such and gets the next one", async ([, answer, error]) => {
		const hook = receiver.hook([answer]);
		const task = await api.createTask({ queue: unique("trouble"), webhook_url: hook.url, timeout: 1 });

		const done = await api.taskInStatus(task.id, "completed");

		expect(done.attempts).toMatchObject([
			{ number: 1, status: "failed", error },
			{ number: 2, status: "success", response_code: 200, error: null },
		]);
		expect(hook.arrivals.map((call) => call.body.attempt)).toStrictEqual([1, 2]);
		expect(elsewhere.arrivals).toHaveLength(0);
	});

	test("is not listening fails as connection_refused and is found again when it is back", async () => {
		const gone = await WebhookReceiver.open();
		const { port } = gone;
		await gone.close();
		const task = await api.createTask({
			queue: unique("trouble"),
			webhook_url: `http://127.0.0.1:${port}/hooks/1`,
			// Often enough for it to be back in time, however long it takes to see the first attempt.
			max_retries: 20,
			retry_backoff: "fixed",
		});
		const waiting = await api.taskWhen(task.id, "tried once", ({ attempts }) => attempts.length > 0);
		expect(waiting.attempts[0]).toMatchObject({ error: "connection_refused", response_code: null });

		const back = await WebhookReceiver.open(port);
		try {
			const call = await back.hook().arrival(1);
			expect(call.body.task_id).toBe(task.id);
		} finally {
			await back.close();
		}
	});

	test("speaks no TLS where https was asked for fails as tls_error", async () => {
		const url = receiver.hook().url.replace("http:", "https:");
		const task = await api.createTask({ queue: unique("trouble"), webhook_url: url, max_retries: 0 });

		const failed = await api.taskInStatus(task.id, "failed");

		expect(failed.attempts).toMatchObject([{ error: "tls_error", response_code: null }]);
	});

	test("has no address fails as dns_error", async () => {
		const task = await api.createTask({
			queue: unique("trouble"),
			webhook_url: "http://webhook.invalid/",
			max_retries: 0,
		});

		const failed = await api.taskInStatus(task.id, "failed");

		expect(failed.attempts).toMatchObject([{ error: "dns_error", response_code: null }]);
	});

	test("hangs does not hold up another queue", async () => {
		const stuck = receiver.hook([], hang);
		const slow = unique("slow");
		const jobs = Array.from({ length: 20 }, () =>
			api.createTask({ queue: slow, webhook_url: stuck.url, timeout: 1, max_retries: 0 }),
		);
		await Promise.all(jobs);

		const lively = receiver.hook();
		const task = await api.createTask({ queue: unique("quick"), webhook_url: lively.url });
		const call = await lively.arrival(1);

		expect(call.body.task_id).toBe(task.id);
	});
});
