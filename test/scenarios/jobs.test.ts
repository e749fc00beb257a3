import { describe, expect, test } from "vitest";
import { queueStories } from "../support/queue-stories.ts";
import { openScenario, unique } from "../support/scenario.ts";
import { reply } from "../support/webhook-answers.ts";
import type { ProblemView, TaskListView, TaskView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();
const { configure, finishedJob } = queueStories(api);

/** Tasks that have failed after one call, answered with these statuses. */
const failedTasks = async (queue: string, statuses: readonly number[]): Promise<TaskView[]> => {
	const created = [];
	for (const status of statuses) {
		const hook = receiver.hook([reply(status)]);
		created.push(await api.createTask({ queue, webhook_url: hook.url, max_retries: 0 }));
	}
	return Promise.all(created.map((task) => api.taskInStatus(task.id, "failed")));
};

/** Tasks that wait for an hour. */
const waitingTasks = async (queue: string, count: number): Promise<TaskView[]> => {
	const hook = receiver.hook();
	const created = [];
	for (let n = 0; n < count; n += 1)
		created.push(await api.createTask({ queue, webhook_url: hook.url, delay: 3_600 }));
	return created;
};

const statusesOf = async (tasks: readonly TaskView[]): Promise<string[]> => {
	const shown = await Promise.all(tasks.map((task) => api.getTask(task.id)));
	return shown.map((task) => task.status);
};

const listed = (queue: string, status: string): Promise<TaskListView> =>
	api.expectCall<TaskListView>(200, "GET", `/v1/tasks?queue=${queue}&status=${status}`);

describe.concurrent("a redrive", () => {
	test("calls all failed tasks again, with a fresh set of retries", async () => {
		const queue = unique("redrive");
		const tasks = await failedTasks(queue, [500, 500, 404]);

		const job = await finishedJob("POST", `/v1/queues/${queue}/redrive`);
		const done = await Promise.all(tasks.map((task) => api.taskInStatus(task.id, "completed")));

		expect(job).toMatchObject({ kind: "redrive", queue, changed: 3 });
		expect(done.map((task) => task.attempts.map((attempt) => attempt.number))).toStrictEqual([
			[1, 2],
			[1, 2],
			[1, 2],
		]);
	});

	test("can be restricted to what ended in one way", async () => {
		const queue = unique("redrive");
		const [unavailable, gone] = await failedTasks(queue, [503, 410]);

		const job = await finishedJob("POST", `/v1/queues/${queue}/redrive`, { code: "http_503" });
		await api.taskInStatus(unavailable?.id ?? "", "completed");

		expect(job).toMatchObject({ changed: 1, total: null, filter: { status: "failed", code: "http_503" } });
		expect((await api.getTask(gone?.id ?? "")).status).toBe("failed");
	});
});

describe.concurrent("a bulk cancel", () => {
	test("cancels everything that waits in its queue, and nothing else", async () => {
		const queue = unique("cancel");
		const tasks = await waitingTasks(queue, 3);
		const others = await waitingTasks(unique("cancel"), 1);

		const job = await finishedJob("POST", `/v1/queues/${queue}/cancel`);

		expect(job).toMatchObject({ kind: "cancel", changed: 3 });
		expect(await statusesOf(tasks)).toStrictEqual(["cancelled", "cancelled", "cancelled"]);
		expect(await statusesOf(others)).toStrictEqual(["pending"]);
	});
});

describe.concurrent("a purge", () => {
	test("deletes finished tasks for good", async () => {
		const queue = unique("purge");
		const [failed] = await failedTasks(queue, [500]);
		const cancelled = await waitingTasks(queue, 2);
		await finishedJob("POST", `/v1/queues/${queue}/cancel`);

		const job = await finishedJob("POST", `/v1/queues/${queue}/purge`, { status: "cancelled" });

		expect(job).toMatchObject({ kind: "purge", changed: 2 });
		for (const task of cancelled) expect((await api.call("GET", `/v1/tasks/${task.id}`)).status).toBe(404);
		expect((await listed(queue, "cancelled")).tasks).toStrictEqual([]);
		expect((await api.getTask(failed?.id ?? "")).status).toBe("failed");
	});
});

describe.concurrent("deleting a queue", () => {
	test("is refused while tasks wait in it, unless it is forced", async () => {
		const queue = unique("delete");
		const tasks = await waitingTasks(queue, 2);

		const refused = await api.call<ProblemView>("DELETE", `/v1/queues/${queue}`);
		const job = await finishedJob("DELETE", `/v1/queues/${queue}?force=true`);

		expect([refused.status, refused.body.code]).toStrictEqual([409, "queue_not_empty"]);
		expect(job).toMatchObject({ kind: "delete", changed: 2 });
		expect(await statusesOf(tasks)).toStrictEqual(["cancelled", "cancelled"]);
		expect((await api.call("GET", `/v1/queues/${queue}`)).status).toBe(404);
	});

	test("forgets its settings; a new task creates it with the defaults", async () => {
		const queue = unique("delete");
		await configure(queue, { timeout: 7 });

		expect((await api.call("DELETE", `/v1/queues/${queue}`)).status).toBe(204);
		expect((await api.call("DELETE", `/v1/queues/${queue}`)).status).toBe(404);
		await waitingTasks(queue, 1);

		expect(await api.expectCall(200, "GET", `/v1/queues/${queue}`)).toMatchObject({ timeout: 30 });
	});
});
