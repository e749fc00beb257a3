import type * as z from "zod";
import { WebhookBody, WebhookHeaders } from "../core/webhook-schema.ts";
import { jsonSchemaOf } from "./json-schemas.ts";
import type { Header, Parameter, PathOperation } from "./open-api-document.ts";

const RETRY_AFTER: Header = {
	description: "Seconds, or a date: no attempt earlier than that, but at most 24 h later.",
	required: false,
	schema: { type: "string" },
};

const NO_RETRY: Header = {
	description: "`true` ends the task at once.",
	required: false,
	schema: { type: "string" },
};

const answer = (description: string, headers: Readonly<Record<string, Header>> = {}) => ({
	description,
	headers,
});

const headerParameters = (): Parameter[] =>
	Object.entries(WebhookHeaders.shape).map(([name, schema]: [string, z.ZodType]) => {
		const { description, ...described } = jsonSchemaOf(schema, "output");
		return { name, in: "header", required: !schema.isOptional(), description, schema: described };
	});

/** The call that a webhook receives, and what its answers mean. */
export const webhookOperation = (): PathOperation => ({
	operationId: "deliverTask",
	tags: ["Your webhook"],
	summary: "A task is due",
	description:
		"POSTed to the task's `webhook_url` when it is due, at least once for each attempt. Verify the signature over the raw bytes before you trust it. Redirects are not followed.",
	security: [],
	parameters: headerParameters(),
	requestBody: {
		required: true,
		content: { "application/json": { schema: jsonSchemaOf(WebhookBody, "output") } },
	},
	responses: {
		"2XX": answer("The task is completed."),
		"410": answer("The task has failed, and is not retried."),
		"429": answer("A failed attempt, retried when `Retry-After` says, if it does.", {
			"Retry-After": RETRY_AFTER,
		}),
		"503": answer("A failed attempt, retried when `Retry-After` says, if it does.", {
			"Retry-After": RETRY_AFTER,
		}),
		default: answer(
			"A failed attempt, like a timeout or a broken connection: retried while there are retries left, unless `X-AsyncQueue-No-Retry: true` ends the task at once.",
			{ "X-AsyncQueue-No-Retry": NO_RETRY },
		),
	},
});
