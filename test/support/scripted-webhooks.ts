import type { CallResult } from "../../lambda/core/delivery-outcome.ts";
import type { WebhookCall, WebhookClient } from "../../lambda/ports.ts";

type Answer = CallResult | ((call: WebhookCall) => CallResult | Promise<CallResult>);

/** An answer of a webhook with this status. */
export const answer = (
	status: number,
	headers: Record<string, string> = {},
	body = "",
): Extract<CallResult, { kind: "response" }> => ({
	kind: "response",
	status,
	headers,
	body,
	durationMs: 5,
});

/** Stands for the network: gives the next scripted answer, then 200 for ever, and remembers every call. */
export class ScriptedWebhooks implements WebhookClient {
	readonly calls: WebhookCall[] = [];
	#script: Answer[] = [];

	/** The answers to the next calls, in order. */
	willAnswer(...answers: Answer[]): void {
		this.#script.push(...answers);
	}

	async call(call: WebhookCall): Promise<CallResult> {
		this.calls.push(call);
		const next = this.#script.shift() ?? answer(200);
		return typeof next === "function" ? next(call) : next;
	}

	/** The parsed bodies of all calls so far. */
	get bodies(): Array<{ task_id: string; queue: string; payload: unknown; attempt: number }> {
		return this.calls.map(({ body }) => JSON.parse(body));
	}
}
