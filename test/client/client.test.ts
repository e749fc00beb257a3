import { describe, expect, expectTypeOf, test } from "vitest";
import type { ApiKey, Attempt, BatchResult, Job, NewTask, Queue, Task } from "../../client/src/index.ts";
import type { jobView } from "../../lambda/core/job-view.ts";
import type { queueView } from "../../lambda/core/queue-view.ts";
import type { TaskView } from "../../lambda/core/task-view.ts";
import type { apiKeyView } from "../../lambda/handlers/api-key-view.ts";
import { newApiKey } from "../support/server-process.ts";
import { NOWHERE, openLocalQueue } from "./local-queue.ts";

const { aq, apiKey, clientWith } = await openLocalQueue();

const waiting = (queue: string): NewTask => ({ queue, webhook_url: NOWHERE, delay: 3_600 });

/** A task that has failed: nobody listens. */
const failedTask = async (queue: string): Promise<Task> => {
	const { id } = await aq.tasks.create({ queue, webhook_url: NOWHERE, max_retries: 0 });
	return aq.tasks.waitFor(id);
};

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
	const all: Item[] = [];
	for await (const item of items) all.push(item);
	return all;
};

describe("tasks", () => {
	test("are created and read, with the type of their payload", async () => {
		const created = await aq.tasks.create({ ...waiting("typed"), payload: { order: 7 } });
		const read = await aq.tasks.get<{ order: number }>(created.id);

		expect(read).toStrictEqual(created);
		expect(read).toMatchObject({ queue: "typed", status: "pending", payload: { order: 7 }, delay: 3_600 });
		expectTypeOf(created.payload).toEqualTypeOf<{ order: number }>();
	});

	test("are created once with one idempotency key", async () => {
		const options = { idempotencyKey: "order-1234-receipt" };
		const first = await aq.tasks.create(waiting("once"), options);

		expect(await aq.tasks.create(waiting("once"), options)).toStrictEqual(first);
		expect((await aq.tasks.list({ queue: "once" })).tasks).toHaveLength(1);
		await expect(aq.tasks.create(waiting("other"), options)).rejects.toMatchObject({
			name: "AsyncQueueApiError",
			status: 422,
			code: "idempotency_key_reused",
			idempotencyKey: "order-1234-receipt",
		});
	});

	test("are created by the hundred, each with its own result, and once when the batch is repeated", async () => {
		const tasks = Array.from({ length: 205 }, (_, index) => ({ ...waiting("batch"), payload: { index } }));
		tasks[101] = { ...waiting("no name"), payload: { index: 101 } };
		const options = { idempotencyKey: "import-7" };

		const { results } = await aq.tasks.createBatch(tasks, options);
		const again = await aq.tasks.createBatch(tasks, options);

		const indexes = results.map((result) => (result.task ? result.task.payload.index : result.code));
		expect(indexes).toStrictEqual(
			tasks.map(({ payload }) => (payload.index === 101 ? "invalid_request" : payload.index)),
		);
		expect(results[101]).toMatchObject({ status: 400, errors: [{ path: "queue" }] });
		expect(again.results).toStrictEqual(results);
		expect(await collect(aq.tasks.listAll({ queue: "batch" }))).toHaveLength(204);
	});

	test("are created in batches within the API's limit of bytes", async () => {
		const payload = { text: "é".repeat(100_000) };
		const tasks = Array.from({ length: 22 }, () => ({ ...waiting("large"), payload }));

		const { results } = await aq.tasks.createBatch(tasks);

		expect(results.map(({ status }) => status)).toStrictEqual(tasks.map(() => 201));
	});

	test("are listed page by page, newest first, over all cursors", async () => {
		const { results } = await aq.tasks.createBatch(Array.from({ length: 7 }, () => waiting("pages")));
		const ids = results.map(({ task }) => task?.id).toReversed();

		const first = await aq.tasks.list({ queue: "pages", limit: 3 });
		const all = await collect(aq.tasks.listAll({ queue: "pages", limit: 3 }));
		const rest = await collect(aq.tasks.listAll({ queue: "pages", limit: 3, offset: 2 }));

		expect(first.tasks.map(({ id }) => id)).toStrictEqual(ids.slice(0, 3));
		expect(first.pagination).toMatchObject({ limit: 3, has_more: true });
		expect(all.map(({ id }) => id)).toStrictEqual(ids);
		expect(rest.map(({ id }) => id)).toStrictEqual(ids.slice(2));
		expect(await collect(aq.tasks.listAll({ queue: "pages", status: "failed" }))).toStrictEqual([]);
	});

	test("are cancelled while they wait, and only then", async () => {
		const { id } = await aq.tasks.create(waiting("cancel"));

		expect(await aq.tasks.cancel(id)).toMatchObject({ id, status: "cancelled" });
		await expect(aq.tasks.cancel(id)).rejects.toMatchObject({ status: 409, code: "task_not_pending" });
	});

	test("are waited for until nothing will happen to them any more, and put back", async () => {
		const failed = await failedTask("again");
		const [attempt] = failed.attempts;
		const retried = await aq.tasks.retry(failed.id);

		expect(failed).toMatchObject({ status: "failed", attempts: [{ error: "connection_refused" }] });
		expect(retried).toMatchObject({ id: failed.id, attempts: [attempt] });
		expect((await aq.tasks.waitFor(failed.id)).attempts.map(({ number }) => number)).toStrictEqual([1, 2]);
	});
});

describe("queues", () => {
	test("are configured, read, paused, resumed and removed", async () => {
		const put = await aq.queues.put("mail", { concurrency: 5, retention_days: { failed: 3 } });
		const patched = await aq.queues.patch("mail", { timeout: 7 });

		expect(put).toMatchObject({ name: "mail", concurrency: 5, retention_days: { completed: 7, failed: 3 } });
		expect(patched).toMatchObject({ concurrency: 5, timeout: 7 });
		expect(await aq.queues.pause("mail")).toMatchObject({ paused: true });
		expect(await aq.queues.resume("mail")).toMatchObject({ paused: false });
		expect(await aq.queues.get("mail")).toMatchObject({ timeout: 7, counts: { pending: { count: 0 } } });
		expect((await aq.queues.list()).queues.map(({ name }) => name)).toContain("mail");
		expect(await aq.queues.delete("mail")).toBeUndefined();
		await expect(aq.queues.get("mail")).rejects.toMatchObject({ code: "queue_not_found" });
	});

	test("are worked on by jobs that can be waited for", async () => {
		await failedTask("jobs");
		await failedTask("jobs");
		const finish = async (job: Promise<Job>) => aq.jobs.waitFor(await job);

		const purged = await finish(aq.queues.purge("jobs", { max: 1 }));
		await aq.queues.pause("jobs");
		const redriven = await finish(aq.queues.redrive("jobs", { code: "connection_refused" }));
		const cancelled = await finish(aq.queues.cancel("jobs"));
		await aq.tasks.create(waiting("jobs"));
		await expect(aq.queues.delete("jobs")).rejects.toMatchObject({ code: "queue_not_empty" });
		const deleted = await finish(aq.queues.delete("jobs", { force: true }));

		expect([purged, redriven, cancelled, deleted].map(({ kind, changed }) => [kind, changed])).toStrictEqual([
			["purge", 1],
			["redrive", 1],
			["cancel", 1],
			["delete", 1],
		]);
	});
});

test("keys are created, listed, rotated and revoked", async () => {
	const created = await aq.keys.create({ name: "second", mode: "test" });
	const second = clientWith({ apiKey: created.key });
	const rotated = await second.keys.rotate(created.id, { overlap_seconds: 60 });
	await second.tasks.create(waiting("keys"));
	await clientWith({ apiKey: rotated.key }).keys.revoke(created.id);
	const { api_keys: keys } = await aq.keys.list();

	expect(rotated.key).not.toBe(created.key);
	expect(keys.find(({ id }) => id === created.id)).toMatchObject({
		name: "second",
		mode: "test",
		prefix: rotated.key.slice(0, 12),
		revoked_at: expect.any(String),
	});
	await expect(second.queues.list()).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
});

test("the health of an API can be asked for with any key", async () => {
	expect(await clientWith({ apiKey: newApiKey() }).health()).toMatchObject({ status: "ok" });
});

test("the url may have a path and a slash at its end", async () => {
	const seen: string[] = [];
	const fetch = async (url: string) => {
		seen.push(url);
		return Response.json({ status: "ok" });
	};

	await clientWith({ url: "https://example.com/stage/", fetch }).health();

	expect(seen).toStrictEqual(["https://example.com/stage/health"]);
});

/** Members of answers, as the compiler knows them and as the API sends them. */
test("answers have the members that are typed, and no others", async () => {
	const namesOf = <Type>(names: Record<keyof Type, true>): string[] => Object.keys(names).sort();
	const failed = await failedTask("shapes");
	const { tasks } = await aq.tasks.list({ queue: "shapes" });
	const { counts, ...queue } = await aq.queues.get("shapes");
	const job = await aq.queues.purge("shapes");
	const attempt = namesOf<Attempt>({
		number: true,
		status: true,
		response_code: true,
		error: true,
		duration_ms: true,
		executed_at: true,
		response_body: true,
	});

	expect(Object.keys(failed.attempts[0] ?? {}).sort()).toStrictEqual(attempt);
	expect(Object.keys(counts).sort()).toStrictEqual(["active", "failed", "pending"]);
	expect(tasks).toStrictEqual([failed]);
	expect(Object.keys(queue)).toContain("held_until");
	expect(job).toMatchObject({ kind: "purge", filter: { status: "failed", code: null } });
	expectTypeOf<TaskView>().toExtend<Task>();
	expectTypeOf<keyof Task>().toEqualTypeOf<keyof TaskView>();
	expectTypeOf<ReturnType<typeof queueView>>().toExtend<Queue>();
	expectTypeOf<keyof Queue>().toEqualTypeOf<keyof ReturnType<typeof queueView>>();
	expectTypeOf<ReturnType<typeof jobView>>().toExtend<Job>();
	expectTypeOf<keyof Job>().toEqualTypeOf<keyof ReturnType<typeof jobView>>();
	expectTypeOf<keyof ApiKey>().toEqualTypeOf<keyof ReturnType<typeof apiKeyView>>();
	expectTypeOf<BatchResult["status"]>().toEqualTypeOf<number>();
});

describe("what cannot be sent is a TypeError", () => {
	test.each(["", ".", ".."])("when an id is %j, which would be another route", async (id) => {
		await expect(aq.tasks.get(id)).rejects.toThrow(TypeError);
		await expect(aq.queues.delete(id)).rejects.toThrow(TypeError);
	});

	test("when an idempotency key cannot be a header", async () => {
		await expect(aq.tasks.create(waiting("x"), { idempotencyKey: "naïve ☃" })).rejects.toThrow(TypeError);
	});

	test.each([
		["the url is no URL", { url: "queue.example" }],
		["the url is not http", { url: "file:///etc" }],
		["the url is missing", { url: "" }],
		["the key is missing", { apiKey: "" }],
		["the key has a line break", { apiKey: `${apiKey}\n` }],
	])("when %s, and says which", (_, options) => {
		const [name = ""] = Object.keys(options);
		expect(() => clientWith(options)).toThrow(TypeError);
		expect(() => clientWith(options)).toThrow(new RegExp(`^${name} must be`));
	});
});

test("ids and names are sent as one segment, whatever is in them", async () => {
	await expect(aq.queues.get("a/../b?c#d")).rejects.toMatchObject({ status: 404, code: "queue_not_found" });
});
