import * as z from "zod";
import type { Task } from "./task.ts";

/** What travels through the delivery queue: an address and a time, never a payload. `due_at` is epoch ms. */
export const DeliveryMessage = z.object({
	team_id: z.string().min(1),
	task_id: z.string().min(1),
	queue: z.string().min(1),
	priority: z.int().min(1).max(10),
	attempt: z.int().min(1),
	due_at: z.int().min(0),
});
export type DeliveryMessage = Readonly<z.infer<typeof DeliveryMessage>>;

/** The message that makes a pending task's next attempt happen. */
export const messageFor = (task: Task): DeliveryMessage => ({
	team_id: task.teamId,
	task_id: task.id,
	queue: task.queue,
	priority: task.priority,
	attempt: task.attempt,
	due_at: task.dueAt,
});
