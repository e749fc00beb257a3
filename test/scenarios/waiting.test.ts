import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import type { TaskView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

const waitFor = (id: string) => api.expectCall<TaskView>(200, "GET", `/v1/tasks/${id}?wait=20`);

describe.concurrent("a request that waits for a task", () => {
	test("is answered when the task is called, and then when it is done", async () => {
		const answered = Promise.withResolvers<void>();
		const hook = receiver.hook([
			async (_, response) => {
				await answered.promise;
				response.writeHead(200).end();
			},
		]);
		const task = await api.createTask({ queue: unique("waiting"), webhook_url: hook.url, delay: 1 });

		const called = await waitFor(task.id);
		expect(called).toMatchObject({ status: "active", attempts: [] });
		answered.resolve();
		expect(await waitFor(task.id)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});

	test("is answered with the task as it is when nothing happens", async () => {
		const { url } = receiver.hook();
		const task = await api.createTask({ queue: unique("waiting"), webhook_url: url, delay: 3_600 });
		const shown = await api.expectCall<TaskView>(200, "GET", `/v1/tasks/${task.id}?wait=1`);
		expect(shown).toStrictEqual(task);
		await api.expectCall(200, "DELETE", `/v1/tasks/${task.id}`);
	});
});
