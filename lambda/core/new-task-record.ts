import { AsyncQueueError } from "./errors.ts";
import type { NewTask } from "./new-task.ts";
import type { Principal } from "./principal.ts";
import type { Task } from "./task.ts";
import type { TraceContext } from "./trace-context.ts";

const MAX_PAYLOAD_BYTES = 262_144;

type Origin = Readonly<{
	principal: Principal;
	id: string;
	/** From `serializePayload`. */
	payload: string;
	createdAt: number;
	trace?: TraceContext | undefined;
}>;

/** The JSON text of a payload, as it is stored and sent. Throws `payload_too_large`. */
export const serializePayload = (payload: Record<string, unknown> = {}): string => {
	const text = JSON.stringify(payload);
	if (text.length * 3 > MAX_PAYLOAD_BYTES && Buffer.byteLength(text) > MAX_PAYLOAD_BYTES)
		throw new AsyncQueueError(
			"payload_too_large",
			`payload is ${Buffer.byteLength(text)} bytes of JSON; the limit is ${MAX_PAYLOAD_BYTES}`,
		);
	return text;
};

/** Epoch ms of the first attempt: never before creation. */
const firstDueAt = ({ delay = 0, run_at }: NewTask, createdAt: number): number =>
	run_at === undefined ? createdAt + delay * 1_000 : Math.max(createdAt, Date.parse(run_at));

/** The task that a request describes, as first stored. */
export const taskFrom = (newTask: NewTask, origin: Origin): Task => {
	const { principal, id, payload, createdAt, trace = {} } = origin;
	const dueAt = firstDueAt(newTask, createdAt);
	return {
		...principal,
		id,
		queue: newTask.queue,
		webhookUrl: newTask.webhook_url,
		payload,
		priority: newTask.priority,
		delay: Math.ceil((dueAt - createdAt) / 1_000),
		maxRetries: newTask.max_retries,
		retryBackoff: newTask.retry_backoff,
		timeout: newTask.timeout,
		...trace,
		status: "pending",
		attempt: 1,
		attemptsBefore: 0,
		attempts: [],
		createdAt,
		dueAt,
	};
};
