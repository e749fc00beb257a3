import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import { validate } from "../lambda/core/faults.ts";
import { MAX_PAYLOAD_DEPTH, payloadFault } from "../lambda/core/new-task.ts";
import { type ApiEvent, type ApiResult, headerOf } from "../lambda/middleware/api-event.ts";
import { jsonBody } from "../lambda/middleware/json-body.ts";
import { json } from "../lambda/middleware/reply.ts";
import type { Ports } from "../lambda/ports.ts";
import { signingSecrets } from "../lambda/usecases/signing-secrets.ts";
import { verifyWebhook } from "../receiver/verify-webhook.ts";
import { NO_ANSWER } from "./api-gateway-event.ts";
import { LOCAL_TEAM } from "./api-key.ts";

/** Calls kept; older ones are forgotten. */
const MAX_CALLS = 100;
const MAX_BODY_BYTES = 524_288;

/**
 * What goes wrong with the `next` attempts: they are answered `delay` seconds late, with `status`; or, with `drop`, not
 * at all, as the connection is closed.
 */
const FailOrder = z.strictObject({
	next: z.int().min(0).max(1_000).default(1),
	status: z.int().min(200).max(599).default(500),
	delay: z.number().min(0).max(150).default(0),
	drop: z.boolean().default(false),
});
type FailOrder = z.infer<typeof FailOrder>;

export type InboxCall = Readonly<{
	/** ISO 8601, by the server's clock. */
	received_at: string;
	/** The status that it is or will be answered with; null when the connection is closed instead. */
	answered: number | null;
	signature: "verified" | "not verified";
	body: unknown;
	headers: IncomingHttpHeaders;
}>;

export type InboxView = Readonly<{ failing: FailOrder; calls: readonly InboxCall[] }>;

const attemptOf = ({ headers }: Pick<InboxCall, "headers">): string =>
	`${headers["x-asyncqueue-task-id"]} ${headers["x-asyncqueue-attempt"]}`;

/** A body that can be shown again. The payload of a genuine call is a level below the top. */
const readableBody = (event: ApiEvent): unknown => {
	const body = jsonBody(event, MAX_BODY_BYTES);
	const message = payloadFault(body, MAX_PAYLOAD_DEPTH + 1);
	if (message === undefined) return body;
	throw new AsyncQueueError("invalid_request", `The body ${message}`, { faults: [{ path: "", message }] });
};

/** A webhook receiver for trying things out: keeps what arrived, checks signatures, fails on demand. */
export class DevInbox {
	readonly #ports: Ports;
	#calls: InboxCall[] = [];
	#failing: FailOrder = FailOrder.parse({ next: 0 });

	constructor(ports: Ports) {
		this.#ports = ports;
	}

	/** What arrived, newest first, and what is going to fail. */
	get view(): InboxView {
		return { failing: this.#failing, calls: this.#calls };
	}

	/** Forgets what arrived. */
	clear(): void {
		this.#calls = [];
	}

	/** Orders failures, in place of those that were ordered before. Throws `invalid_request`. */
	fail(order: unknown): void {
		this.#failing = validate(FailOrder, order);
	}

	/** Answers one call of a webhook. */
	async receive(event: ApiEvent): Promise<ApiResult> {
		const body = readableBody(event);
		const { delay, drop, status } = this.#faultFor(event);
		const call: InboxCall = {
			received_at: new Date(this.#ports.clock.now()).toISOString(),
			answered: drop ? null : status,
			signature: await this.#judgeSignature(event),
			body,
			headers: event.headers,
		};
		this.#calls = [call, ...this.#calls].slice(0, MAX_CALLS);
		if (delay > 0) await this.#ports.timer.sleep(delay * 1_000);
		return drop ? { statusCode: NO_ANSWER } : json(status, { received: true });
	}

	/** One of the ordered failures, or none. */
	#faultFor(event: ApiEvent): Omit<FailOrder, "next"> {
		// On a connection that was used before, a call that is not answered comes again: it is the same attempt.
		const [last] = this.#calls;
		if (last?.answered === null && attemptOf(last) === attemptOf(event))
			return { ...this.#failing, drop: true };
		if (this.#failing.next === 0) return { status: 200, delay: 0, drop: false };
		this.#failing = { ...this.#failing, next: this.#failing.next - 1 };
		return this.#failing;
	}

	async #judgeSignature(event: ApiEvent): Promise<InboxCall["signature"]> {
		const taskId = headerOf(event, "x-asyncqueue-task-id") ?? "";
		const task = await this.#ports.tasks.get({ teamId: LOCAL_TEAM, taskId });
		if (!task) return "not verified";
		const secrets = await signingSecrets(this.#ports, LOCAL_TEAM, task.keyId);
		try {
			verifyWebhook(event.body ?? "", event.headers, secrets);
			return "verified";
		} catch {
			return "not verified";
		}
	}
}
