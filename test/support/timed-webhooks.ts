import type { CallResult } from "../../lambda/core/delivery-outcome.ts";
import type { WebhookCall, WebhookClient } from "../../lambda/ports.ts";
import type { VirtualClock } from "../../local/virtual-clock.ts";
import { mostWithin } from "./most-within.ts";
import { answer } from "./scripted-webhooks.ts";

/** One call as the receiver sees it. Instants are epoch ms. */
export type TimedCall = Readonly<{ taskId: string; priority: unknown; startedAt: number; inFlight: number }>;

/** Webhooks that take their time by a virtual clock, and note how many calls they serve at once. */
export class TimedWebhooks implements WebhookClient {
	readonly calls: TimedCall[] = [];
	readonly #clock: VirtualClock;
	#inFlight = 0;

	/** How long the next call takes in milliseconds, and what comes of it. */
	durationMs: (call: number) => number = () => 50;
	result: (call: number) => Extract<CallResult, { kind: "response" }> = () => answer(200);

	constructor(clock: VirtualClock) {
		this.#clock = clock;
	}

	async call({ body, timeoutMs }: WebhookCall): Promise<CallResult> {
		const number = this.calls.length;
		const { task_id: taskId, payload } = JSON.parse(body);
		this.#inFlight += 1;
		this.calls.push({
			taskId,
			priority: payload.priority,
			startedAt: this.#clock.now(),
			inFlight: this.#inFlight,
		});
		const durationMs = Math.min(this.durationMs(number), timeoutMs);
		await this.#clock.sleep(durationMs);
		this.#inFlight -= 1;
		return { ...this.result(number), durationMs };
	}

	get mostInFlight(): number {
		return Math.max(0, ...this.calls.map(({ inFlight }) => inFlight));
	}

	/** The most calls that started within any `windowMs`. */
	mostWithin(windowMs: number): number {
		const starts = this.calls.map(({ startedAt }) => startedAt);
		return mostWithin(starts, windowMs);
	}
}
