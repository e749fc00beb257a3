import type { Task } from "./task.ts";

/** Whether a finished task has been kept for as long as its queue says: it is not shown any more at `now` (epoch ms). */
export const isExpired = ({ expiresAt }: Pick<Task, "expiresAt">, now: number): boolean =>
	expiresAt !== undefined && expiresAt <= now;
