import type { Task } from "../core/task.ts";
import { isExpired } from "../core/task-expiry.ts";
import type { TaskListQuery } from "../core/task-page.ts";
import { encodeCursor } from "../core/task-page.ts";
import type { TaskView } from "../core/task-view.ts";
import type { Ports } from "../ports.ts";
import { showTasks } from "./show-task.ts";

export type TaskList = Readonly<{ tasks: TaskView[]; hasMore: boolean; nextCursor: string | null }>;

/** A page has to fit into Lambda's 6 MB, with what is shown of a task besides payload and attempts. */
const MAX_PAGE_BYTES = 4_194_304;

const sizeOf = ({ payload, attempts }: Task): number =>
	Buffer.byteLength(payload) + Buffer.byteLength(JSON.stringify(attempts));

/** The first tasks that fit on a page, one at least. */
const fitting = (tasks: readonly Task[]): readonly Task[] => {
	let bytes = 0;
	const end = tasks.findIndex((task, index) => {
		bytes += sizeOf(task);
		return index > 0 && bytes > MAX_PAGE_BYTES;
	});
	return end < 0 ? tasks : tasks.slice(0, end);
};

/**
 * One page of a team's tasks, newest first. `offset` (at most 1,000) skips tasks after the cursor. Tasks that are
 * kept no longer are left out, and so is what would make the page too large: it may be short though there is more.
 */
export const listTasks = async (ports: Ports, teamId: string, query: TaskListQuery): Promise<TaskList> => {
	const { queue, status, limit, cursor, offset } = query;
	const page = await ports.tasks.list({ teamId, queue, status, before: cursor, limit: offset + limit });
	const now = ports.clock.now();
	const wanted = page.tasks.filter((task) => !isExpired(task, now)).slice(offset);
	const shown = fitting(wanted);
	const isCut = shown.length < wanted.length;
	const last = isCut ? shown.at(-1) : page.tasks.at(-1);
	const hasMore = (isCut || page.hasMore) && last !== undefined;
	return {
		tasks: await showTasks(ports, shown),
		hasMore,
		nextCursor: hasMore ? encodeCursor(last.id) : null,
	};
};
