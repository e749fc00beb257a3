import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import type { ProblemView, TaskListView, TaskView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

const list = (query: string): Promise<TaskListView> =>
	api.expectCall<TaskListView>(200, "GET", `/v1/tasks?${query}`);

const ids = (tasks: readonly TaskView[]): string[] => tasks.map((task) => task.id);

/** `count` tasks that stay pending, one created after the other. Newest first, like a list. */
const waitingTasks = async (queue: string, count: number): Promise<string[]> => {
	const hook = receiver.hook();
	const newestFirst: string[] = [];
	for (let n = 0; n < count; n += 1) {
		const task = await api.createTask({ queue, webhook_url: hook.url, delay: 3_600 });
		newestFirst.unshift(task.id);
	}
	return newestFirst;
};

describe.concurrent("the list of tasks", () => {
	test("is walked by cursor, newest first, every task once", async () => {
		const queue = unique("walk");
		const newestFirst = await waitingTasks(queue, 7);

		const walked: string[] = [];
		const pages: number[] = [];
		let cursor = "";
		do {
			const page = await list(`queue=${queue}&limit=3${cursor}`);
			walked.push(...ids(page.tasks));
			pages.push(page.tasks.length);
			expect(page.pagination.limit).toBe(3);
			expect(page.pagination.has_more).toBe(Boolean(page.pagination.next_cursor));
			cursor = page.pagination.next_cursor
				? `&cursor=${encodeURIComponent(page.pagination.next_cursor)}`
				: "";
		} while (cursor !== "" && pages.length < 10);

		expect(walked).toStrictEqual(newestFirst);
		expect(pages).toStrictEqual([3, 3, 1]);
	});

	test("keeps its place when tasks are created during the walk", async () => {
		const queue = unique("walk");
		const newestFirst = await waitingTasks(queue, 4);
		const first = await list(`queue=${queue}&limit=2`);
		await waitingTasks(queue, 2);

		const cursor = encodeURIComponent(first.pagination.next_cursor ?? "");
		const second = await list(`queue=${queue}&limit=2&cursor=${cursor}`);

		expect(ids([...first.tasks, ...second.tasks])).toStrictEqual(newestFirst);
		expect(second.pagination.has_more).toBe(false);
	});

	test("can be entered by offset", async () => {
		const queue = unique("offset");
		const newestFirst = await waitingTasks(queue, 5);

		expect(ids((await list(`queue=${queue}&offset=2&limit=2`)).tasks)).toStrictEqual(newestFirst.slice(2, 4));
		expect((await list(`queue=${queue}&offset=5`)).tasks).toStrictEqual([]);
	});

	test("is filtered by queue and by status", async () => {
		const queue = unique("filter");
		const [waiting = "", cancelled = ""] = await waitingTasks(queue, 2);
		await api.expectCall(200, "DELETE", `/v1/tasks/${cancelled}`);
		const delivered = await api.createTask({ queue, webhook_url: receiver.hook().url });
		await api.taskInStatus(delivered.id, "completed");
		await waitingTasks(unique("filter"), 1);

		const idsBy = async (status: string) => ids((await list(`queue=${queue}&status=${status}`)).tasks);

		expect(await idsBy("pending")).toStrictEqual([waiting]);
		expect(await idsBy("cancelled")).toStrictEqual([cancelled]);
		expect(await idsBy("completed")).toStrictEqual([delivered.id]);
		expect(await idsBy("failed")).toStrictEqual([]);
		expect(ids((await list(`queue=${queue}`)).tasks)).toStrictEqual([delivered.id, waiting, cancelled]);
	});

	test("shows each task as GET /v1/tasks/:id does", async () => {
		const queue = unique("same");
		const [id = ""] = await waitingTasks(queue, 1);

		const page = await list(`queue=${queue}`);

		expect(page.tasks).toStrictEqual([await api.getTask(id)]);
		expect(page.pagination.limit).toBe(20);
	});

	test.for([
		["limit=101", "limit"],
		["limit=0", "limit"],
		["offset=1001", "offset"],
		["status=done", "status"],
		["cursor=nonsense", "cursor"],
	])("refuses ?%s with 400 and names the parameter", async ([query, path]) => {
		const answer = await api.call<ProblemView>("GET", `/v1/tasks?${query}`);

		expect(answer.status).toBe(400);
		expect(answer.body.errors).toMatchObject([{ path }]);
	});
});
