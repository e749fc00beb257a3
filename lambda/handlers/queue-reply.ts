import type { Queue } from "../core/queue.ts";
import type { ApiResult } from "../middleware/api-event.ts";
import { json } from "../middleware/reply.ts";

/** A queue as the API shows it. */
export const queueReply = ({ name, settings, createdAt, updatedAt }: Queue): ApiResult =>
	json(200, {
		name,
		...settings,
		created_at: new Date(createdAt).toISOString(),
		updated_at: new Date(updatedAt).toISOString(),
	});
