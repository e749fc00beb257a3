import type { MiddlewareObj, Request } from "@middy/core";
import { AsyncQueueError } from "../core/errors.ts";
import type { Admission } from "../core/request-budget.ts";
import type { RequestLimit } from "../core/request-limit.ts";
import type { Ports } from "../ports.ts";
import type { ApiEvent, ApiResult } from "./api-event.ts";

/** Whole seconds from `now` until an instant, rounded up: a client that waits so long is not early. */
const secondsUntil = (instant: number, now: number): number =>
	Math.max(1, Math.ceil((instant - now) / 1_000));

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers-11: the policy (its name, quota `q` and window `w`), and
 * what is left of it (`r`) for the next `t` seconds. `RateLimit` is left out when nobody knows.
 */
const rateLimitFields = (
	{ requests, seconds }: RequestLimit,
	{ budget }: Admission,
	now: number,
): Record<string, string> => ({
	"ratelimit-policy": `"team";q=${requests};w=${seconds}`,
	...(budget && { ratelimit: `"team";r=${budget.remaining};t=${secondsUntil(budget.moreAt, now)}` }),
});

/** An invalid request counts as one, whatever it would have been. */
const unitsOrOne = (units: () => number): number => {
	try {
		return units();
	} catch {
		return 1;
	}
};

/**
 * Counts `units` against the budget of whoever makes the request, all or none, where there is a limit, and leaves what
 * it has to be told on the event. Throws `rate_limited` with `Retry-After` (RFC 6585 §4) if the budget is used up.
 */
export const countRequest = async (
	{ requestBudget, clock }: Ports,
	event: ApiEvent,
	teamId: string,
	units: () => number,
): Promise<void> => {
	if (!requestBudget) return;
	const { limit } = requestBudget;
	const admission = await requestBudget.take(teamId, unitsOrOne(units));
	const now = clock.now();
	event.requestContext.rateLimit = rateLimitFields(limit, admission, now);
	if (admission.admitted) return;
	const retryAfter = secondsUntil(admission.retryAt, now);
	throw new AsyncQueueError(
		"rate_limited",
		`More than ${limit.requests} requests in ${limit.seconds} s; try again in ${retryAfter} s`,
		{ headers: { "retry-after": String(retryAfter) } },
	);
};

/** Puts the fields on the response to every request that was counted, also when it failed. */
export const rateLimitHeaders = (): MiddlewareObj<ApiEvent, ApiResult> => {
	const add = ({ event, response }: Request<ApiEvent, ApiResult>) => {
		const { rateLimit } = event.requestContext;
		if (response && rateLimit) response.headers = { ...response.headers, ...rateLimit };
	};
	return { after: add, onError: add };
};
