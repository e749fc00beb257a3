import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import { reply } from "../support/webhook-answers.ts";
import type { ProblemView, TaskView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

describe.concurrent("a task for later", () => {
	test.for([1, 2, 3])("that is due in %i s is delivered and never early", async (delay) => {
		const hook = receiver.hook();
		const task = await api.createTask({ queue: unique("later"), webhook_url: hook.url, delay });

		const call = await hook.arrival(1);

		expect(task).toMatchObject({ status: "pending", delay });
		expect(Date.parse(task.run_at)).toBe(Date.parse(task.created_at) + delay * 1_000);
		expect(call.at).toBeGreaterThanOrEqual(Date.parse(task.run_at));
	});

	test("can be given its instant with run_at, in any time zone", async () => {
		const hook = receiver.hook();
		const due = new Date(Date.now() + 2_000).toISOString();
		const task = await api.createTask({
			queue: unique("later"),
			webhook_url: hook.url,
			run_at: due.replace("Z", "+00:00"),
		});

		const call = await hook.arrival(1);

		expect(task.run_at).toBe(due);
		expect(call.at).toBeGreaterThanOrEqual(Date.parse(due));
	});

	test("runs now when run_at is in the past", async () => {
		const hook = receiver.hook();
		await api.createTask({
			queue: unique("later"),
			webhook_url: hook.url,
			run_at: "2020-02-29T00:00:00.000Z",
		});

		expect((await hook.arrival(1)).body.attempt).toBe(1);
	});

	test("may wait a whole year and can be looked up meanwhile", async () => {
		const hook = receiver.hook();
		const task = await api.createTask({
			queue: unique("later"),
			webhook_url: hook.url,
			delay: 31_536_000,
		});

		expect(await api.getTask(task.id)).toMatchObject({ status: "pending", delay: 31_536_000 });
		await api.expectCall(200, "DELETE", `/v1/tasks/${task.id}`);
	});

	test("does not hold up the ones that are due before it", async () => {
		const queue = unique("later");
		const hook = receiver.hook();
		const late = await api.createTask({ queue, webhook_url: hook.url, delay: 3 });
		const soon = await api.createTask({ queue, webhook_url: hook.url, delay: 1 });

		await hook.arrival(2);

		expect(hook.arrivals.map((call) => call.body.task_id)).toStrictEqual([soon.id, late.id]);
	});
});

describe.concurrent("a cancelled task", () => {
	test.for([
		["DELETE /v1/tasks/:id", "DELETE", ""],
		["POST /v1/tasks/:id/cancel", "POST", "/cancel"],
	] as const)("by %s is never called", async ([, method, suffix]) => {
		const queue = unique("cancelled");
		const hook = receiver.hook();
		const task = await api.createTask({ queue, webhook_url: hook.url, delay: 2 });

		const cancelled = await api.expectCall<TaskView>(200, method, `/v1/tasks/${task.id}${suffix}`);
		expect(cancelled).toMatchObject({ id: task.id, status: "cancelled" });

		const witness = receiver.hook();
		await api.createTask({ queue, webhook_url: witness.url, delay: 4 });
		await witness.arrival(1);
		expect(hook.arrivals).toHaveLength(0);
		expect(await api.getTask(task.id)).toMatchObject({ status: "cancelled", attempts: [] });
	});

	test("cannot be cancelled again: 409", async () => {
		const hook = receiver.hook();
		const task = await api.createTask({ queue: unique("cancelled"), webhook_url: hook.url, delay: 60 });
		await api.expectCall(200, "DELETE", `/v1/tasks/${task.id}`);

		const again = await api.call<ProblemView>("DELETE", `/v1/tasks/${task.id}`);

		expect(again.status).toBe(409);
		expect(again.body.code).toBe("task_not_pending");
	});

	test("can be one that waits for its retry", async () => {
		const hook = receiver.hook([reply(503, { headers: { "retry-after": "60" } })]);
		const task = await api.createTask({ queue: unique("cancelled"), webhook_url: hook.url });
		await api.taskWhen(task.id, "waiting for its retry", ({ status, attempts }) =>
			Boolean(attempts.length === 1 && status === "pending"),
		);

		const cancelled = await api.expectCall<TaskView>(200, "DELETE", `/v1/tasks/${task.id}`);

		expect(cancelled).toMatchObject({ status: "cancelled", attempts: [{ number: 1, error: "http_503" }] });
	});

	test("cannot be one that was delivered: 409", async () => {
		const hook = receiver.hook();
		const task = await api.createTask({ queue: unique("cancelled"), webhook_url: hook.url });
		await api.taskInStatus(task.id, "completed");

		const answer = await api.call<ProblemView>("POST", `/v1/tasks/${task.id}/cancel`);

		expect(answer.status).toBe(409);
		expect(answer.body.code).toBe("task_not_pending");
	});
});
