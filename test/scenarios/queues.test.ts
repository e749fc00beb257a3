import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { queueStories } from "../support/queue-stories.ts";
import { openScenario, unique } from "../support/scenario.ts";
import { hang, reply } from "../support/webhook-answers.ts";
import type { ProblemView, QueueView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();
const { configure, patch, show } = queueStories(api);

const RATE = { limit: 100, per_seconds: 1 };

describe.concurrent("a queue", () => {
	test("starts with the default policy when its first task comes", async () => {
		const name = unique("queue");
		expect((await api.call("GET", `/v1/queues/${name}`)).status).toBe(404);
		await api.createTask({ queue: name, webhook_url: receiver.hook().url });

		expect(await show(name)).toMatchObject({
			name,
			max_retries: 3,
			retry_backoff: "exponential",
			retry_delay: 1,
			retry_max_delay: 3_600,
			timeout: 30,
			rate_limit: null,
			concurrency: null,
			paused: false,
			respect_retry_after: "task",
			retention_days: { completed: 7, failed: 30 },
			held_until: null,
		});
	});

	test("remembers its settings and uses the defaults for the rest", async () => {
		const name = unique("queue");
		await configure(name, { max_retries: 7, timeout: 5 });

		expect(await show(name)).toMatchObject({
			name,
			max_retries: 7,
			timeout: 5,
			retry_backoff: "exponential",
		});
	});

	test("is changed in parts, and loses a limit by null", async () => {
		const name = unique("queue");
		const created = await configure(name, { timeout: 5, concurrency: 3, rate_limit: RATE });

		const patched = await patch(name, { concurrency: null, retention_days: { failed: 1 } });

		const expected = {
			timeout: 5,
			concurrency: null,
			rate_limit: RATE,
			retention_days: { completed: 7, failed: 1 },
			created_at: created.created_at,
		};
		expect(patched).toMatchObject(expected);
		expect(Date.parse(patched.updated_at)).toBeGreaterThan(Date.parse(created.updated_at));
		expect(await show(name)).toMatchObject(expected);
		expect(await patch(name, { rate_limit: null })).toMatchObject({ rate_limit: null, timeout: 5 });
		expect((await api.call("PATCH", `/v1/queues/${unique("queue")}`, { json: {} })).status).toBe(404);
	});

	test("is listed with the others, by name", async () => {
		const name = unique("listed");
		for (const suffix of ["b", "a", "c"]) await configure(`${name}-${suffix}`, { timeout: 5 });

		const { queues } = await api.expectCall<{ queues: QueueView[] }>(200, "GET", "/v1/queues");

		const ours = queues.filter((queue) => queue.name.startsWith(name));
		expect(ours.map((queue) => queue.name)).toStrictEqual([`${name}-a`, `${name}-b`, `${name}-c`]);
		expect(ours[0]).toMatchObject({ timeout: 5, concurrency: null });
	});

	test("counts its unfinished and its failed tasks", async () => {
		const name = unique("queue");
		const failing = receiver.hook([], reply(500));
		for (let n = 0; n < 2; n += 1)
			await api.createTask({ queue: name, webhook_url: failing.url, delay: 3_600 });
		const failed = await api.createTask({ queue: name, webhook_url: failing.url, max_retries: 0 });
		await api.taskInStatus(failed.id, "failed");

		const counts = await eventually("the counts", async () => {
			const shown = (await show(name)).counts;
			return shown?.failed.count === 1 && shown.active.count === 0 ? shown : undefined;
		});

		expect(counts).toMatchObject({ pending: { count: 2 }, failed: { count: 1 } });
		expect(Date.parse(counts.pending.as_of)).not.toBeNaN();
	});

	test("applies its number of retries, its backoff and its timeout to its tasks", async () => {
		const name = unique("queue");
		await configure(name, { max_retries: 2, retry_backoff: "fixed", retry_delay: 2, timeout: 1 });
		const hook = receiver.hook([hang], reply(500));

		const task = await api.createTask({ queue: name, webhook_url: hook.url });
		const failed = await api.taskInStatus(task.id, "failed");

		expect(task.max_retries).toBe(2);
		expect(failed.attempts.map((attempt) => attempt.error)).toStrictEqual([
			"timeout",
			"http_500",
			"http_500",
		]);
		const [first = 0, second = 0, third = 0] = hook.arrivals.map((call) => call.at);
		expect(second - first).toBeGreaterThanOrEqual(2_000);
		expect(third - second).toBeGreaterThanOrEqual(2_000);
	});

	test("applies a change to tasks that wait already, but not to what they ask for themselves", async () => {
		const name = unique("queue");
		const hook = receiver.hook([], reply(500));
		const stubborn = receiver.hook([], reply(500));
		const task = await api.createTask({ queue: name, webhook_url: hook.url, delay: 2 });
		const own = await api.createTask({
			queue: name,
			webhook_url: stubborn.url,
			delay: 2,
			max_retries: 1,
		});

		await configure(name, { max_retries: 0 });
		const [failed, failedOwn] = await Promise.all([
			api.taskInStatus(task.id, "failed"),
			api.taskInStatus(own.id, "failed"),
		]);

		expect(failed.attempts).toHaveLength(1);
		expect(failedOwn.attempts).toHaveLength(2);
	});

	test("refuses settings out of range, all of them at once", async () => {
		const name = unique("queue");
		const answer = await api.call<ProblemView>("PUT", `/v1/queues/${name}`, {
			json: { max_retries: 21, retry_delay: 0, retry_max_delay: 86_401, timeout: 0, colour: "red" },
		});

		expect(answer.status).toBe(400);
		const paths = answer.body.errors?.map((fault) => fault.path) ?? [];
		expect(paths).toEqual(
			expect.arrayContaining(["max_retries", "retry_delay", "retry_max_delay", "timeout"]),
		);
		expect(JSON.stringify(answer.body.errors)).toContain("colour");
		expect((await api.call("GET", `/v1/queues/${name}`)).status).toBe(404);
	});
});
