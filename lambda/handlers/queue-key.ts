import type { QueueKey } from "../core/queue.ts";
import type { RouteRequest } from "../middleware/json-route.ts";

/** The queue that a request is about, whether there is one or not. */
export const queueKeyOf = ({
	principal,
	param,
}: Pick<RouteRequest<unknown>, "principal" | "param">): QueueKey => ({
	teamId: principal.teamId,
	name: param("queue"),
});
