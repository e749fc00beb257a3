import { describe, expect, test } from "vitest";
import { queueStories } from "../support/queue-stories.ts";
import { openScenario, unique } from "../support/scenario.ts";

const { api, receiver } = await openScenario();
const { configure, pause, patch, resume } = queueStories(api);

/** Until everything that was accepted before has been looked at: later tasks of each lane have arrived elsewhere. */
const earlierTasksSeen = async (): Promise<void> => {
	const queue = unique("later");
	const hook = receiver.hook();
	for (const priority of [1, 5, 10]) await api.createTask({ queue, webhook_url: hook.url, priority });
	await hook.arrival(3);
};

describe.concurrent("a paused queue", () => {
	test("accepts tasks and delivers them all when it is resumed", async () => {
		const queue = unique("paused");
		await configure(queue, {});
		expect(await pause(queue)).toMatchObject({ paused: true });
		const hook = receiver.hook();
		const tasks = [];
		for (let n = 0; n < 4; n += 1) tasks.push(await api.createTask({ queue, webhook_url: hook.url }));
		await earlierTasksSeen();

		expect(hook.arrivals).toHaveLength(0);
		expect((await api.getTask(tasks[0]?.id ?? "")).attempts).toStrictEqual([]);
		expect(await resume(queue)).toMatchObject({ paused: false });
		await Promise.all(tasks.map((task) => api.taskInStatus(task.id, "completed")));

		expect(hook.arrivals.map((call) => call.body.task_id).sort()).toStrictEqual(
			tasks.map((task) => task.id).sort(),
		);
		expect(hook.arrivals.every((call) => call.body.attempt === 1)).toBe(true);
	});

	test("delivers its backlog by priority, one at a time", async () => {
		const queue = unique("paused");
		await configure(queue, { paused: true, concurrency: 1 });
		const hook = receiver.hook();
		const priorities = [5, 1, 10, 8, 2];
		for (const priority of priorities)
			await api.createTask({ queue, webhook_url: hook.url, priority, payload: { priority } });
		await earlierTasksSeen();

		await patch(queue, { paused: false });
		await hook.arrival(priorities.length);

		expect(hook.arrivals.map((call) => call.body.payload)).toStrictEqual(
			priorities.toSorted((a, b) => b - a).map((priority) => ({ priority })),
		);
	});
});
