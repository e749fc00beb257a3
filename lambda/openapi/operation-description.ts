import type * as z from "zod";
import type { ErrorCode } from "../core/errors.ts";

/** Parts of the API, in the order in which they are shown. */
export const tags = {
	Tasks: "Create tasks, ask what became of them, cancel them, try them again.",
	Queues: "A queue is created by its first task. Its settings apply to waiting tasks too.",
	"Bulk jobs": "Work on many tasks of one queue. It goes on in the background; the job says how far it is.",
	"Your webhook": "What the service sends to you.",
	"API keys": "A key belongs to a team; a team sees only its own tasks, queues and keys.",
	Service: "Whether the API is up, and this description of it. No key needed.",
} as const;

/** A request body. Our tests send it as it stands, and it is accepted. */
type Example = Readonly<{ summary: string; value: unknown }>;

/** One way in which an operation succeeds. */
export type Answer = Readonly<{
	description: string;
	/** Of its JSON body; a text of type `contentType` otherwise; no body when there is neither. */
	schema?: z.ZodType;
	contentType?: string;
	headers?: readonly ("Location" | "Idempotent-Replayed")[];
}>;

/**
 * What there is to say about an operation beyond its routes. What follows from these (errors of authentication, of
 * bodies and of our own, path parameters, `X-Request-Id`) is added where the document is built.
 */
export type OperationDescription = Readonly<{
	tag: keyof typeof tags;
	summary: string;
	description: string;
	/** Answers without an API key. */
	isPublic?: true;
	query?: z.ZodObject;
	headers?: readonly ("Idempotency-Key" | "traceparent")[];
	body?: Readonly<{ schema: z.ZodType; examples: Readonly<Record<string, Example>> }>;
	/** By HTTP status. */
	answers: Readonly<Record<number, Answer>>;
	/** Codes that are the operation's own. */
	errors?: readonly ErrorCode[];
}>;
