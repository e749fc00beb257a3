import { signatureHeaders } from "./signature.ts";
import type { Task } from "./task.ts";
import type { Span } from "./trace-context.ts";
import { USER_AGENT } from "./version.ts";

export type WebhookRequest = Readonly<{
	url: string;
	headers: Readonly<Record<string, string>>;
	body: string;
}>;

/** Body exactly `{"task_id","queue","payload","attempt"}`; the payload is spliced in as it was stored. */
const webhookBody = ({ id, queue, payload, attempt }: Task): string =>
	`{"task_id":${JSON.stringify(id)},"queue":${JSON.stringify(queue)},"payload":${payload},"attempt":${attempt}}`;

/** The headers by which the receiver goes on with the trace, if there is one. */
const traceHeaders = ({ tracestate }: Task, span: Span | undefined): Record<string, string> =>
	span === undefined
		? {}
		: { traceparent: span.traceparent, ...(tracestate === undefined ? {} : { tracestate }) };

/**
 * The signed request for the attempt that is being made at `now` (epoch ms), as `span` of its trace. `keys` as in
 * `signatureHeaders`.
 */
export const webhookRequest = (
	task: Task,
	keys: readonly string[],
	now: number,
	span?: Span,
): WebhookRequest => {
	const body = webhookBody(task);
	const timestamp = Math.floor(now / 1_000);
	return {
		url: task.webhookUrl,
		headers: {
			"content-type": "application/json",
			"user-agent": USER_AGENT,
			"x-asyncqueue-task-id": task.id,
			"x-asyncqueue-attempt": String(task.attempt),
			...signatureHeaders({ taskId: task.id, timestamp, body }, keys),
			...traceHeaders(task, span),
		},
		body,
	};
};
