import { defaultQueueSettings, type Queue, type QueueSettings } from "../../lambda/core/queue.ts";
import { NOW } from "./a-task.ts";

/** A queue that nobody has configured, but for `settings`. */
export const aQueue = (settings: Partial<QueueSettings> = {}, notes: Partial<Queue> = {}): Queue => ({
	teamId: "team-a",
	name: "emails",
	settings: { ...defaultQueueSettings, ...settings },
	createdAt: NOW,
	updatedAt: NOW,
	...notes,
});
