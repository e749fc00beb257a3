import { signatureHeaders } from "./signature.ts";
import type { Task } from "./task.ts";
import { USER_AGENT } from "./version.ts";

export type WebhookRequest = Readonly<{
	url: string;
	headers: Readonly<Record<string, string>>;
	body: string;
}>;

/** Body exactly `{"task_id","queue","payload","attempt"}`; the payload is spliced in as it was stored. */
const webhookBody = ({ id, queue, payload, attempt }: Task): string =>
	`{"task_id":${JSON.stringify(id)},"queue":${JSON.stringify(queue)},"payload":${payload},"attempt":${attempt}}`;

/** The signed request for the attempt that is being made at `now` (epoch ms). `keys` as in `signatureHeaders`. */
export const webhookRequest = (task: Task, keys: readonly string[], now: number): WebhookRequest => {
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
			...(task.traceparent === undefined ? {} : { traceparent: task.traceparent }),
		},
		body,
	};
};
