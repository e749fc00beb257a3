import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import { validate } from "../lambda/core/faults.ts";
import type { ApiEvent, ApiResult } from "../lambda/middleware/api-event.ts";
import { jsonBody } from "../lambda/middleware/json-body.ts";
import { json, noContent } from "../lambda/middleware/reply.ts";
import type { Ports } from "../lambda/ports.ts";
import { signingSecrets } from "../lambda/usecases/signing-secrets.ts";
import { verifyWebhook } from "../receiver/verify-webhook.ts";
import { LOCAL_TEAM } from "./api-key.ts";

/** Calls kept; older ones are forgotten. */
const MAX_CALLS = 100;
const MAX_BODY_BYTES = 524_288;

const FailOrder = z.strictObject({
	next: z.int().min(0).max(1_000).default(1),
	status: z.int().min(200).max(599).default(500),
});

type InboxCall = Readonly<{
	received_at: string;
	answered: number;
	signature: "verified" | "not verified";
	body: unknown;
	headers: IncomingHttpHeaders;
}>;

/** A webhook receiver for trying things out: shows what arrived, checks signatures, fails on demand. */
export class DevInbox {
	readonly #ports: Ports;
	#calls: InboxCall[] = [];
	#failing = { next: 0, status: 500 };

	constructor(ports: Ports) {
		this.#ports = ports;
	}

	/** Answers requests to `/dev/inbox` and below. */
	async handle(event: ApiEvent): Promise<ApiResult> {
		const { method, path } = event.requestContext.http;
		switch (`${method} ${path.replace(/\/$/, "")}`) {
			case "POST /dev/inbox":
				return this.#receive(event);
			case "GET /dev/inbox":
				return json(200, { failing: this.#failing, calls: this.#calls });
			case "DELETE /dev/inbox":
				this.#calls = [];
				return noContent();
			case "POST /dev/inbox/fail":
				this.#failing = validate(FailOrder, jsonBody(event, MAX_BODY_BYTES));
				return json(200, { failing: this.#failing });
			default:
				throw new AsyncQueueError(
					"route_not_found",
					"Try POST, GET or DELETE /dev/inbox, or POST /dev/inbox/fail",
				);
		}
	}

	async #receive(event: ApiEvent): Promise<ApiResult> {
		const fails = this.#failing.next > 0;
		const answered = fails ? this.#failing.status : 200;
		if (fails) this.#failing = { ...this.#failing, next: this.#failing.next - 1 };
		const call: InboxCall = {
			received_at: new Date().toISOString(),
			answered,
			signature: (await this.#verifies(event)) ? "verified" : "not verified",
			body: jsonBody(event, MAX_BODY_BYTES),
			headers: event.headers,
		};
		this.#calls = [call, ...this.#calls].slice(0, MAX_CALLS);
		return json(answered, { received: true });
	}

	async #verifies(event: ApiEvent): Promise<boolean> {
		const taskId = event.headers["x-asyncqueue-task-id"] ?? "";
		const task = await this.#ports.tasks.get({ teamId: LOCAL_TEAM, taskId });
		if (!task) return false;
		try {
			verifyWebhook(
				event.body ?? "",
				event.headers,
				await signingSecrets(this.#ports, LOCAL_TEAM, task.keyId),
			);
			return true;
		} catch {
			return false;
		}
	}
}
