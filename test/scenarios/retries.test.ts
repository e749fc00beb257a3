import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import { verifiesByStandardWebhooks } from "../support/signature-check.ts";
import { reply } from "../support/webhook-answers.ts";
import type { Hook } from "../support/webhook-receiver.ts";
import type { ProblemView, TaskView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

const failing = reply(500, { headers: { "content-type": "text/plain" }, body: "not now" });

/** Seconds from each arrival to the next. */
const gaps = (hook: Hook): number[] =>
	hook.arrivals.slice(1).map((arrival, index) => (arrival.at - (hook.arrivals[index]?.at ?? 0)) / 1_000);

describe.concurrent("a webhook that fails", () => {
	test("is called again after at least 1, 2 and 4 seconds until it succeeds", async () => {
		const hook = receiver.hook([failing, failing, failing]);
		const task = await api.createTask({ queue: unique("retries"), webhook_url: hook.url });

		await hook.arrival(4);
		const done = await api.taskInStatus(task.id, "completed");

		expect(hook.arrivals.map((call) => call.body.attempt)).toStrictEqual([1, 2, 3, 4]);
		for (const [index, atLeast] of [1, 2, 4].entries()) {
			expect(gaps(hook)[index]).toBeGreaterThanOrEqual(atLeast);
		}
		expect(done.attempts).toMatchObject([
			{ number: 1, status: "failed", response_code: 500, error: "http_500", response_body: "not now" },
			{ number: 2, status: "failed" },
			{ number: 3, status: "failed" },
			{ number: 4, status: "success", response_code: 200, error: null },
		]);
	});

	test("gets every attempt signed afresh", async () => {
		const hook = receiver.hook([failing]);
		await api.createTask({ queue: unique("retries"), webhook_url: hook.url, retry_backoff: "fixed" });

		const second = await hook.arrival(2);

		expect(verifiesByStandardWebhooks(second, api.key ?? "")).toBe(true);
		expect(second.headers["x-asyncqueue-attempt"]).toBe("2");
		expect(Number(second.headers["webhook-timestamp"])).toBeGreaterThan(
			Number(hook.arrivals[0]?.headers["webhook-timestamp"]),
		);
	});

	test("is left alone once the retries are used up, and the task says failed", async () => {
		const hook = receiver.hook([], failing);
		const queue = unique("retries");
		const task = await api.createTask({ queue, webhook_url: hook.url, max_retries: 1 });

		const failed = await api.taskInStatus(task.id, "failed");
		expect(failed.attempts.map((attempt) => attempt.error)).toStrictEqual(["http_500", "http_500"]);
		expect(failed.completed_at).not.toBeNull();

		// A later task of the same queue goes by; the failed one does not come back with it.
		const witness = receiver.hook();
		await api.createTask({ queue, webhook_url: witness.url, delay: 3 });
		await witness.arrival(1);
		expect(hook.arrivals).toHaveLength(2);
	});

	test("is not called a second time when retries are set to zero", async () => {
		const hook = receiver.hook([], failing);
		const task = await api.createTask({
			queue: unique("retries"),
			webhook_url: hook.url,
			max_retries: 0,
		});

		const failed = await api.taskInStatus(task.id, "failed");

		expect(failed.attempts).toHaveLength(1);
	});

	test("decides itself when to be called again with Retry-After in seconds on a 503", async () => {
		const hook = receiver.hook([reply(503, { headers: { "retry-after": "3" } })]);
		await api.createTask({ queue: unique("retries"), webhook_url: hook.url });

		await hook.arrival(2);

		expect(gaps(hook)[0]).toBeGreaterThanOrEqual(3);
	});

	test("decides itself when to be called again with Retry-After as a date on a 429", async () => {
		const date = new Date(Date.now() + 4_000).toUTCString();
		const hook = receiver.hook([reply(429, { headers: { "retry-after": date } })]);
		await api.createTask({ queue: unique("retries"), webhook_url: hook.url });

		const second = await hook.arrival(2);

		expect(second.at).toBeGreaterThanOrEqual(Date.parse(date));
	});

	test("cannot bring its retry forward with Retry-After", async () => {
		const hook = receiver.hook([reply(503, { headers: { "retry-after": "0" } })]);
		await api.createTask({ queue: unique("retries"), webhook_url: hook.url });

		await hook.arrival(2);

		expect(gaps(hook)[0]).toBeGreaterThanOrEqual(1);
	});
});

describe.concurrent("a failed task", () => {
	test("is delivered after a manual retry, with a fresh set of retries and attempt numbers going on", async () => {
		const hook = receiver.hook([failing, failing, failing]);
		const task = await api.createTask({
			queue: unique("retries"),
			webhook_url: hook.url,
			max_retries: 1,
			retry_backoff: "fixed",
		});
		await api.taskInStatus(task.id, "failed");

		const reopened = await api.expectCall<TaskView>(200, "POST", `/v1/tasks/${task.id}/retry`);
		expect(reopened.status).toBe("pending");
		const done = await api.taskInStatus(task.id, "completed");

		expect(hook.arrivals.map((call) => call.body.attempt)).toStrictEqual([1, 2, 3, 4]);
		expect(done.attempts.map((attempt) => attempt.number)).toStrictEqual([1, 2, 3, 4]);
		expect(done.attempts.at(-1)?.status).toBe("success");
	});

	test("is the only kind of task that can be retried by hand", async () => {
		const hook = receiver.hook();
		const task = await api.createTask({ queue: unique("retries"), webhook_url: hook.url });
		await api.taskInStatus(task.id, "completed");

		const answer = await api.call<ProblemView>("POST", `/v1/tasks/${task.id}/retry`);

		expect(answer.status).toBe(409);
		expect(answer.body.code).toBe("task_not_failed");
		expect(hook.arrivals).toHaveLength(1);
	});
});
