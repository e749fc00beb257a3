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

/** One request of a case, as API Gateway would hand it over. */
export const createRequest = (kind: CostCase, sender: Sender) => {
	const task = newTask(kind, sender);
	const headers = { authorization: `Bearer ${sender.secret}` };
	if (kind.perRequest === 1) return apiEvent("POST", "/v1/tasks", { headers, body: task });
	const tasks = Array.from({ length: kind.perRequest }, () => task);
	return apiEvent("POST", "/v1/tasks/batch", { headers, body: { tasks } });
};
