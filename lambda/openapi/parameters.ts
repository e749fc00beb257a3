import * as z from "zod";
import { ApiKeyView } from "../core/api-key-view.ts";
import { IdempotencyKey } from "../core/idempotency.ts";
import { JobView } from "../core/job-view.ts";
import { QueueName } from "../core/queue.ts";
import { TaskViewSchema } from "../core/task-view-schema.ts";
import type { routes } from "../routes.ts";
import { jsonSchemaOf } from "./json-schemas.ts";
import type { JsonSchema, Parameter } from "./open-api-document.ts";
import type { OperationDescription } from "./operation-description.ts";

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
	? Name | NamesIn<Rest>
	: never;

const pathSchemas: Readonly<Record<NamesIn<(typeof routes)[number]["path"]>, z.ZodType>> = {
	task_id: TaskViewSchema.shape.id.describe("Id of the task."),
	queue: QueueName.describe("Name of the queue."),
	job_id: JobView.shape.id.describe("Id of the job."),
	key_id: ApiKeyView.shape.id.describe("Id of the key."),
};

const headerSchemas = {
	"Idempotency-Key": IdempotencyKey,
	traceparent: z.string().meta({
		description: "W3C Trace Context; passed on to the webhook. An invalid one is dropped.",
		examples: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
	}),
} as const;

const parameter = (
	place: Parameter["in"],
	name: string,
	{ description, ...schema }: JsonSchema,
): Parameter => ({ name, in: place, required: place === "path", description, schema });

const pathParameters = (path: string): Parameter[] =>
	Object.entries(pathSchemas)
		.filter(([name]) => path.includes(`{${name}}`))
		.map(([name, schema]) => parameter("path", name, jsonSchemaOf(schema, "input")));

/** Everything that a request to `path` may have beside its body. */
export const parametersOf = (path: string, { query, headers = [] }: OperationDescription): Parameter[] => [
	...pathParameters(path),
	...Object.entries(query?.shape ?? {}).map(([name, schema]) =>
		parameter("query", name, jsonSchemaOf(schema as z.ZodType, "input")),
	),
	...headers.map((name) => parameter("header", name, jsonSchemaOf(headerSchemas[name], "input"))),
];
