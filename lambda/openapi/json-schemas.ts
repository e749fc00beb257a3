import * as z from "zod";
import { NewApiKey, RotateApiKey } from "../core/api-key.ts";
import { ApiKeyListView, ApiKeyView, IssuedKeyView } from "../core/api-key-view.ts";
import { BatchView } from "../core/batch-view.ts";
import { HealthView } from "../core/health-view.ts";
import { CancelRequest, PurgeRequest, RedriveRequest } from "../core/job-request.ts";
import { JobView } from "../core/job-view.ts";
import { GoodTaskBatch, NewTask } from "../core/new-task.ts";
import { ItemProblem, Problem } from "../core/problem.ts";
import { QueueSettings, QueueSettingsPatch } from "../core/queue.ts";
import { QueueListView, QueueStateView, QueueView } from "../core/queue-view.ts";
import { AttemptViewSchema, TaskPageView, TaskViewSchema } from "../core/task-view-schema.ts";
import { WebhookBody } from "../core/webhook-schema.ts";
import type { JsonSchema } from "./open-api-document.ts";

/** Names under which requests are described. */
const requests = {
	NewTask,
	NewTaskBatch: GoodTaskBatch,
	QueueSettings,
	QueueSettingsPatch,
	RedriveRequest,
	CancelRequest,
	PurgeRequest,
	NewApiKey,
	RotateApiKey,
};

/** Names under which is described what we send: responses, and calls to webhooks. */
const responses = {
	Task: TaskViewSchema,
	Attempt: AttemptViewSchema,
	TaskPage: TaskPageView,
	TaskBatchResults: BatchView,
	Queue: QueueView,
	QueueState: QueueStateView,
	QueueList: QueueListView,
	Job: JobView,
	ApiKey: ApiKeyView,
	ApiKeyList: ApiKeyListView,
	IssuedApiKey: IssuedKeyView,
	Health: HealthView,
	Problem,
	ItemProblem,
	WebhookBody,
};

type Direction = "input" | "output";
type Override = Parameters<NonNullable<z.core.ToJSONSchemaParams["override"]>>[0];

/** Leaves out what says nothing: zod's pattern of an instant beside its format, bounds that every integer has. */
const tidy = ({ jsonSchema }: Override): void => {
	if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
	if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
	if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};

/** Responses may get members in time, and clients are to bear that; requests may not have any that is not known. */
const open = (context: Override): void => {
	tidy(context);
	if (context.jsonSchema.additionalProperties === false) delete context.jsonSchema.additionalProperties;
};

const paramsOf = (io: Direction) =>
	({
		target: "draft-2020-12",
		io,
		unrepresentable: "any",
		override: io === "input" ? tidy : open,
	}) as const;

const withoutIdentity = ({ $schema, $id, ...schema }: JsonSchema): JsonSchema => schema;

const referenceTo = (name: string): string => `#/components/schemas/${name}`;

const describeAll = (schemas: Readonly<Record<string, z.ZodType>>, io: Direction) => {
	const registry = z.registry<{ id: string }>();
	for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
	const described = z.toJSONSchema(registry, { ...paramsOf(io), uri: referenceTo }).schemas;
	return Object.entries(described).map(([name, schema]) => [name, withoutIdentity(schema)] as const);
};

/** The components of the document: every named schema of a request or a response. */
export const schemaComponents = (): Readonly<Record<string, JsonSchema>> =>
	Object.fromEntries([...describeAll(requests, "input"), ...describeAll(responses, "output")]);

const names = new Map<z.ZodType, string>(
	Object.entries({ ...requests, ...responses }).map(([name, schema]) => [schema, name]),
);

/** A schema as JSON: a reference when it is a component. */
export const jsonSchemaOf = (schema: z.ZodType, io: Direction): JsonSchema => {
	const name = names.get(schema);
	return name === undefined
		? withoutIdentity(z.toJSONSchema(schema, paramsOf(io)))
		: { $ref: referenceTo(name) };
};
