import type { CallResult } from "../../lambda/core/delivery-outcome.ts";
import type { WebhookCall, WebhookClient } from "../../lambda/ports.ts";
import type { Fault } from "./fault.ts";
import type { PortCalls } from "./port-calls.ts";
import type { Process } from "./process.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How a receiver answers one attempt. */
export type Answer = "ok" | "slow" | "hang" | "error" | "later" | "gone" | "no_retry";

/** What tasks of the simulation carry: their number, and the answers to their attempts in order; then `ok`. */
type SimulatedPayload = Readonly<{ n: number; answers: readonly Answer[] }>;

/** One call as it reached the receiver. Instants are epoch ms. */
export type ReceivedCall = Readonly<{
	taskId: string;
	queue: string;
	attempt: number;
	payload: SimulatedPayload;
	process: string;
	/** When the sender began. */
	startedAt: number;
	/** When the receiver answers, or the sender gives up waiting. */
	endsAt: number;
	status: number;
	body: string;
	headers: WebhookCall["headers"];
}>;

type Reply = Readonly<{ status: number; afterMs: number; headers?: Readonly<Record<string, string>> }>;

type Options = Readonly<{
	time: VirtualTime;
	random: SeededRandom;
	calls: PortCalls;
	trace: Trace;
	/** Told of every call when it arrives, in the order of arrival. */
	onCall: (call: ReceivedCall) => void;
}>;

/** A call on its way. */
type Journey = Readonly<{
	call: WebhookCall;
	process: Process;
	startedAt: number;
	fault: Fault | undefined;
	finish: (result: CallResult) => void;
}>;

/** The network between the service and its receivers, and the receivers: both can fail, in every way. */
export class WebhookNetwork {
	readonly #options: Options;

	constructor(options: Options) {
		this.#options = options;
	}

	/** The network as a process sees it. */
	client(process: Process): WebhookClient {
		return { call: (call) => this.#send(process, call) };
	}

	#send(process: Process, call: WebhookCall): Promise<CallResult> {
		return new Promise((resolve) => {
			if (!process.isAlive) return;
			const { time, random, calls } = this.#options;
			const fault = calls.begin(process, "webhooks", "call", call.body);
			if (fault === "crash_before") return process.die();
			const journey: Journey = { call, process, startedAt: time.now(), fault, finish: resolve };
			if (fault === "error_before") return this.#fail(journey, "connection_refused", random.int(0, 50));
			if (fault === "timeout") return this.#fail(journey, "timeout", call.timeoutMs);
			time.after(random.int(1, 40), () => this.#arrive(journey));
		});
	}

	#fail(
		{ process, finish }: Journey,
		failure: "timeout" | "connection_refused" | "connection_reset",
		afterMs: number,
	): void {
		const end = (): void => finish({ kind: "failure", failure, durationMs: afterMs });
		this.#options.time.after(afterMs, end, process);
	}

	#arrive(journey: Journey): void {
		const { time, random, trace, onCall } = this.#options;
		const { call, process, startedAt, fault } = journey;
		const { task_id: taskId, queue, attempt, payload } = JSON.parse(call.body);
		const reply = this.#replyTo(payload.answers[attempt - 1] ?? "ok", call.timeoutMs);
		const givesUpAt = startedAt + call.timeoutMs;
		const endsAt = Math.min(time.now() + reply.afterMs, givesUpAt);
		trace.note("receiver", `is called by ${process.name}, answers ${reply.status}`, () => ({
			taskId,
			attempt,
		}));
		onCall({
			taskId,
			queue,
			attempt,
			payload,
			process: process.name,
			startedAt,
			endsAt,
			status: reply.status,
			body: call.body,
			headers: call.headers,
		});
		if (fault === "crash_after") process.die();
		if (fault === "freeze") process.freeze(random.pick([2_000, 20_000, 200_000]));
		this.#answer(journey, reply);
	}

	#answer(journey: Journey, { status, afterMs, headers = {} }: Reply): void {
		const { time, random } = this.#options;
		const { call, process, startedAt, fault, finish } = journey;
		const lateMs = fault === "late_answer" || fault === "late_effect" ? random.int(500, 10_000) : 0;
		const answerMs = afterMs + random.int(1, 40) + lateMs;
		const restMs = startedAt + call.timeoutMs - time.now();
		if (fault === "error_after") this.#fail(journey, "connection_reset", Math.min(afterMs, restMs));
		else if (fault === "timeout_after" || answerMs >= restMs) this.#fail(journey, "timeout", restMs);
		else {
			const durationMs = Math.round(time.now() + answerMs - startedAt);
			const end = (): void => finish({ kind: "response", status, headers, body: null, durationMs });
			time.after(answerMs, end, process);
		}
	}

	#replyTo(answer: Answer, timeoutMs: number): Reply {
		const { random } = this.#options;
		const afterMs = random.int(0, 80);
		switch (answer) {
			case "ok":
				return { status: random.pick([200, 201, 204]), afterMs };
			case "slow":
				return { status: 200, afterMs: random.int(1_000, 6_000) };
			case "hang":
				return { status: 0, afterMs: timeoutMs * 2 };
			case "error":
				return { status: random.pick([500, 502, 404, 302]), afterMs };
			case "later":
				return { status: random.pick([429, 503]), afterMs, headers: { "retry-after": "7" } };
			case "gone":
				return { status: 410, afterMs };
			case "no_retry":
				return { status: 400, afterMs, headers: { "x-asyncqueue-no-retry": "true" } };
		}
	}
}
