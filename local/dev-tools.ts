import middy from "@middy/core";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import { type ApiEvent, type ApiResult, headerOf } from "../lambda/middleware/api-event.ts";
import { jsonBody } from "../lambda/middleware/json-body.ts";
import type { RouteHandler } from "../lambda/middleware/json-route.ts";
import { problemDetails } from "../lambda/middleware/problem-details.ts";
import { json, noContent } from "../lambda/middleware/reply.ts";
import { requestLog } from "../lambda/middleware/request-log.ts";
import type { Ports } from "../lambda/ports.ts";
import type { AdvanceableClock } from "./advanceable-clock.ts";
import { DevClock } from "./dev-clock.ts";
import { DevInbox } from "./dev-inbox.ts";
import { inboxPage } from "./dev-inbox-page.ts";

const MAX_BODY_BYTES = 1_024;

/** What the paths of the tools begin with. */
export const DEV_PREFIX = "/dev/";

const wantsHtml = (event: ApiEvent): boolean => headerOf(event, "accept")?.includes("text/html") ?? false;

/** What a development server has beside the API. It asks for no key. */
export class DevTools {
	readonly inbox: DevInbox;
	readonly clock: DevClock;
	readonly #handler: RouteHandler;

	/** `onAdvance` is called when the clock was moved. */
	constructor(ports: Ports, clock: AdvanceableClock, onAdvance: () => void) {
		this.inbox = new DevInbox(ports);
		this.clock = new DevClock(clock, onAdvance);
		this.#handler = middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
			.use(requestLog(ports.log))
			.use(problemDetails(ports.log))
			.handler((event: ApiEvent) => this.#handle(event)) as RouteHandler;
	}

	/** `/dev/…` is answered by the tools, everything else by the API. */
	before(api: RouteHandler): RouteHandler {
		return (event, context) => (event.rawPath.startsWith(DEV_PREFIX) ? this.#handler : api)(event, context);
	}

	async #handle(event: ApiEvent): Promise<ApiResult> {
		const { inbox, clock } = this;
		const { method, path } = event.requestContext.http;
		switch (`${method} ${path.replace(/\/$/, "")}`) {
			case "POST /dev/inbox":
				return inbox.receive(event);
			case "GET /dev/inbox":
				return wantsHtml(event) ? inboxPage(inbox.view) : json(200, inbox.view, { vary: "accept" });
			case "DELETE /dev/inbox":
				inbox.clear();
				return noContent();
			case "POST /dev/inbox/fail":
				inbox.fail(jsonBody(event, MAX_BODY_BYTES));
				return json(200, { failing: inbox.view.failing });
			case "GET /dev/clock":
				return json(200, clock.view);
			case "POST /dev/clock":
				clock.advance(jsonBody(event, MAX_BODY_BYTES));
				return json(200, clock.view);
			default:
				throw new AsyncQueueError(
					"route_not_found",
					"Try POST, GET or DELETE /dev/inbox, POST /dev/inbox/fail, or GET or POST /dev/clock",
				);
		}
	}
}
