import fc, { type Arbitrary } from "fast-check";
import type * as z from "zod";
import { NewApiKey, RotateApiKey } from "../../lambda/core/api-key.ts";
import { CancelRequest, PurgeRequest, RedriveRequest } from "../../lambda/core/job-request.ts";
import { NewTask } from "../../lambda/core/new-task.ts";
import { QueueSettings, QueueSettingsPatch } from "../../lambda/core/queue.ts";
import { TaskListQuery } from "../../lambda/core/task-page.ts";
import type { Operation } from "../../lambda/routes.ts";
import { QUEUES } from "./known-ids.ts";
import { accepted } from "./schema-values.ts";

const payload = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });

const isWellFormed = (text: string): boolean => text.isWellFormed();

/** Acceptable tasks, delivered to `webhookUrl`. */
const newTask = (webhookUrl: string): Arbitrary<unknown> => {
	const members = accepted(NewTask, {
		queue: fc.constantFrom(...QUEUES),
		webhook_url: fc.constant(webhookUrl),
		payload,
		// Retries of what fails would outlive any run.
		max_retries: fc.constantFrom(0, 1),
	});
	return members.map((task) => {
		const { run_at, ...others } = task as Record<string, unknown>;
		return run_at === undefined || "delay" in others ? others : task;
	});
};

const code = fc.oneof(
	fc.string({ minLength: 1, maxLength: 64 }).filter(isWellFormed),
	fc.integer({ min: 100, max: 999 }),
);

const body = (schema: z.ZodType): Arbitrary<unknown> =>
	accepted(schema, { code, name: fc.string({ minLength: 1, maxLength: 90 }).map((text) => `k${text}`) });

/** Bodies that each operation accepts; undefined where it takes none. */
export const acceptableBodies = (
	webhookUrl: string,
): Readonly<Record<Operation, Arbitrary<unknown> | undefined>> => ({
	health: undefined,
	getOpenApi: undefined,
	getDocs: undefined,
	createTask: newTask(webhookUrl),
	createTaskBatch: fc.record({ tasks: fc.array(newTask(webhookUrl), { minLength: 1, maxLength: 5 }) }),
	listTasks: undefined,
	getTask: undefined,
	cancelTask: undefined,
	retryTask: undefined,
	listQueues: undefined,
	getQueue: undefined,
	putQueue: body(QueueSettings),
	patchQueue: body(QueueSettingsPatch),
	deleteQueue: undefined,
	pauseQueue: undefined,
	resumeQueue: undefined,
	redriveQueue: body(RedriveRequest),
	cancelQueue: body(CancelRequest),
	purgeQueue: body(PurgeRequest),
	getJob: undefined,
	listApiKeys: undefined,
	createApiKey: body(NewApiKey),
	revokeApiKey: undefined,
	rotateApiKey: body(RotateApiKey),
});

/** Queries that each operation accepts; `{cursor}` stands for one that the API has given out. */
export const acceptableQueries: Readonly<Partial<Record<Operation, Arbitrary<unknown>>>> = {
	listTasks: accepted(TaskListQuery, { cursor: fc.constant("{cursor}"), queue: fc.constantFrom(...QUEUES) }),
	deleteQueue: fc.record({ force: fc.constantFrom("true", "false") }, { requiredKeys: [] }),
};
