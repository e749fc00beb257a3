import { expect, expectTypeOf, test } from "vitest";
import type {
	AsyncQueue,
	NewApiKey,
	NewTask,
	PurgeFilter,
	QueueSettingsInput,
	RedriveFilter,
	TaskQuery,
} from "../../client/src/index.ts";
import { NewApiKey as NewApiKeySchema } from "../../lambda/core/api-key.ts";
import { PurgeRequest, RedriveRequest } from "../../lambda/core/job-request.ts";
import { NewTask as NewTaskSchema } from "../../lambda/core/new-task.ts";
import { QueueSettings, type QueueSettingsPatch } from "../../lambda/core/queue.ts";
import { TaskListQuery } from "../../lambda/core/task-page.ts";
import { type Operation, routes } from "../../lambda/routes.ts";
import { clientOn } from "./local-queue.ts";

/** What describes the API to people and tools: nothing that a typed client would ask for. */
type Described = "getOpenApi" | "getDocs";

/** One call of a method for every operation of the API: a new route is missing here, and does not compile. */
const calls: Record<Exclude<Operation, Described>, (aq: AsyncQueue) => Promise<unknown>> = {
	health: (aq) => aq.health(),
	createTask: (aq) => aq.tasks.create({ queue: "q", webhook_url: "https://example.com" }),
	createTaskBatch: (aq) => aq.tasks.createBatch([{ queue: "q", webhook_url: "https://example.com" }]),
	listTasks: (aq) => aq.tasks.list(),
	getTask: (aq) => aq.tasks.get("x"),
	cancelTask: (aq) => aq.tasks.cancel("x"),
	retryTask: (aq) => aq.tasks.retry("x"),
	listQueues: (aq) => aq.queues.list(),
	getQueue: (aq) => aq.queues.get("x"),
	putQueue: (aq) => aq.queues.put("x"),
	patchQueue: (aq) => aq.queues.patch("x", { paused: true }),
	deleteQueue: (aq) => aq.queues.delete("x"),
	pauseQueue: (aq) => aq.queues.pause("x"),
	resumeQueue: (aq) => aq.queues.resume("x"),
	redriveQueue: (aq) => aq.queues.redrive("x"),
	cancelQueue: (aq) => aq.queues.cancel("x"),
	purgeQueue: (aq) => aq.queues.purge("x"),
	getJob: (aq) => aq.jobs.get({ queue: "x", id: "x" }),
	listApiKeys: (aq) => aq.keys.list(),
	createApiKey: (aq) => aq.keys.create({ name: "x" }),
	revokeApiKey: (aq) => aq.keys.revoke("x"),
	rotateApiKey: (aq) => aq.keys.rotate("x"),
};

/** `METHOD /path` of the only request that a call makes, with the route's parameters as `x`. */
const requestOf = async (call: (aq: AsyncQueue) => Promise<unknown>): Promise<string> => {
	const requests: string[] = [];
	const aq = clientOn(async (url, { method }) => {
		requests.push(`${method} ${new URL(url).pathname}`);
		return Response.json({ results: [] });
	});
	await call(aq);
	expect(requests).toHaveLength(1);
	return requests[0] ?? "";
};

const operations = Object.keys(calls) as (keyof typeof calls)[];

test.each(operations)("the client's method for %s calls a route of it", async (operation) => {
	const ofOperation = routes
		.filter((route) => route.operation === operation)
		.map(({ method, path }) => `${method} ${path.replaceAll(/\{[^}]+\}/g, "x")}`);

	expect(ofOperation).toContain(await requestOf(calls[operation]));
});

/** The names of all members of a type: the compiler refuses one too many and one too few. */
const namesOf = <Type>(names: Record<keyof Type, true>): string[] => Object.keys(names).sort();
const namesIn = (schema: { shape: object }): string[] => Object.keys(schema.shape).sort();

test("request bodies have the members that the API accepts", () => {
	const task = namesOf<NewTask>({
		queue: true,
		webhook_url: true,
		payload: true,
		delay: true,
		run_at: true,
		priority: true,
		max_retries: true,
		retry_backoff: true,
		timeout: true,
	});
	const settings = namesOf<QueueSettingsInput>({
		max_retries: true,
		retry_backoff: true,
		retry_delay: true,
		retry_max_delay: true,
		timeout: true,
		rate_limit: true,
		concurrency: true,
		paused: true,
		respect_retry_after: true,
		retention_days: true,
	});
	const redrive = namesOf<RedriveFilter>({ created_before: true, max: true, code: true });
	const purge = namesOf<PurgeFilter>({ created_before: true, max: true, code: true, status: true });
	const query = namesOf<TaskQuery>({ queue: true, status: true, limit: true, cursor: true, offset: true });

	expect(task).toStrictEqual(namesIn(NewTaskSchema));
	expect(settings).toStrictEqual(namesIn(QueueSettings));
	expect(redrive).toStrictEqual(namesIn(RedriveRequest));
	expect(purge).toStrictEqual(namesIn(PurgeRequest));
	expect(query).toStrictEqual(namesIn(TaskListQuery));
	expect(namesOf<NewApiKey>({ name: true, mode: true })).toStrictEqual(namesIn(NewApiKeySchema));
	expectTypeOf<QueueSettingsPatch>().toExtend<QueueSettingsInput>();
});
