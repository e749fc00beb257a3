import { expect, test } from "vitest";
import * as z from "zod";
import { NewApiKey, RotateApiKey } from "../../lambda/core/api-key.ts";
import { ApiKeyListView, ApiKeyView, IssuedKeyView } from "../../lambda/core/api-key-view.ts";
import { BatchView } from "../../lambda/core/batch-view.ts";
import { HealthView } from "../../lambda/core/health-view.ts";
import { IdempotencyKey } from "../../lambda/core/idempotency.ts";
import { InstantView } from "../../lambda/core/instant.ts";
import { CancelRequest, PurgeRequest, RedriveRequest } from "../../lambda/core/job-request.ts";
import { JobView } from "../../lambda/core/job-view.ts";
import { GoodTaskBatch, NewTask } from "../../lambda/core/new-task.ts";
import { ItemProblem, Problem } from "../../lambda/core/problem.ts";
import { DeleteQueueQuery, QueueSettings, QueueSettingsPatch } from "../../lambda/core/queue.ts";
import { QueueListView, QueueStateView, QueueView } from "../../lambda/core/queue-view.ts";
import { TaskListQuery } from "../../lambda/core/task-page.ts";
import { AttemptViewSchema, TaskPageView, TaskViewSchema } from "../../lambda/core/task-view-schema.ts";
import { TaskShowQuery } from "../../lambda/core/task-wait.ts";
import { WebhookBody, WebhookHeaders } from "../../lambda/core/webhook-schema.ts";

const requests = {
	NewTask,
	GoodTaskBatch,
	TaskListQuery,
	TaskShowQuery,
	IdempotencyKey,
	QueueSettings,
	QueueSettingsPatch,
	DeleteQueueQuery,
	RedriveRequest,
	CancelRequest,
	PurgeRequest,
	NewApiKey,
	RotateApiKey,
};

const responses = {
	InstantView,
	AttemptViewSchema,
	TaskViewSchema,
	TaskPageView,
	BatchView,
	QueueView,
	QueueStateView,
	QueueListView,
	JobView,
	ApiKeyView,
	ApiKeyListView,
	IssuedKeyView,
	Problem,
	ItemProblem,
	HealthView,
	WebhookBody,
	WebhookHeaders,
};

const described = (schemas: Readonly<Record<string, z.ZodType>>, io: "input" | "output") =>
	Object.fromEntries(
		Object.entries(schemas).map(([name, schema]) => [
			name,
			z.toJSONSchema(schema, { io, unrepresentable: "any" }),
		]),
	);

// Others build on each of these words: whoever changes one on purpose runs `vitest run --project=core --update`.
test("what the API takes and says, member by member, is as it was published", async () => {
	const schemas = { requests: described(requests, "input"), responses: described(responses, "output") };
	await expect(`${JSON.stringify(schemas, null, "\t")}\n`).toMatchFileSnapshot("json-schemas.snap");
});
