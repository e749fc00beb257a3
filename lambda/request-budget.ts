import type { Admission } from "./core/request-budget.ts";
import type { RequestLimit } from "./core/request-limit.ts";

/** What each team may ask of the API, counted over all processes of a deployment. */
export interface RequestBudget {
	readonly limit: RequestLimit;
	/**
	 * Counts `units` (1 to `limit.requests`) against the team's budget, all or none. Never throws, and lets requests
	 * through while it cannot tell: an outage of the limiter is not to be one of the API.
	 */
	take(teamId: string, units: number): Promise<Admission>;
}
