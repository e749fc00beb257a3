import { apiEvent } from "../test/support/api-events.ts";
import type { CostCase } from "./cases.ts";

const EMPTY_PAYLOAD_BYTES = JSON.stringify({ text: "" }).length;

const payloadOf = (bytes: number) => ({ text: "x".repeat(bytes - EMPTY_PAYLOAD_BYTES) });

/** Who sends the tasks of a case, and where to. */
export type Sender = Readonly<{ secret: string; queue: string; webhookOrigin: string }>;

const newTask = (
	{ payloadBytes, delaySeconds, failsOnce = false }: CostCase,
	{ queue, webhookOrigin }: Sender,
) => ({
	queue,
	webhook_url: `${webhookOrigin}/${failsOnce ? "fails-once" : "webhooks"}/asyncqueue/orders`,
	payload: payloadOf(payloadBytes),
	...(delaySeconds !== undefined && { delay: delaySeconds }),
});

/** As long as API Gateway's: it is in every log line. */
const REQUEST_ID = "Yn3m1jJXoAMEPDA=";

const post = (path: string, sender: Sender, body: unknown) => {
	const event = apiEvent("POST", path, { headers: { authorization: `Bearer ${sender.secret}` }, body });
	return { ...event, requestContext: { ...event.requestContext, requestId: REQUEST_ID } };
};

/** One request of a case, as API Gateway would hand it over. */
export const createRequest = (kind: CostCase, sender: Sender) => {
	const task = newTask(kind, sender);
	if (kind.perRequest === 1) return post("/v1/tasks", sender, task);
	return post("/v1/tasks/batch", sender, { tasks: Array.from({ length: kind.perRequest }, () => task) });
};
