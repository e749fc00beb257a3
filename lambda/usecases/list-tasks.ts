import { isExpired } from "../core/task-expiry.ts";
import type { TaskListQuery } from "../core/task-page.ts";
import { encodeCursor } from "../core/task-page.ts";
import type { TaskView } from "../core/task-view.ts";
import type { Ports } from "../ports.ts";
import { showTasks } from "./show-task.ts";

export type TaskList = Readonly<{ tasks: TaskView[]; hasMore: boolean; nextCursor: string | null }>;

/**
 * One page of a team's tasks, newest first. `offset` (at most 1,000) skips tasks after the cursor. Tasks that are
 * kept no longer are left out, so a page may be short though there is more.
 */
export const listTasks = async (ports: Ports, teamId: string, query: TaskListQuery): Promise<TaskList> => {
	const { queue, status, limit, cursor, offset } = query;
	const page = await ports.tasks.list({ teamId, queue, status, before: cursor, limit: offset + limit });
	const now = ports.clock.now();
	const kept = page.tasks.filter((task) => !isExpired(task, now));
	const last = page.tasks.at(-1);
	return {
		tasks: await showTasks(ports, kept.slice(offset)),
		hasMore: page.hasMore,
		nextCursor: page.hasMore && last ? encodeCursor(last.id) : null,
	};
};
