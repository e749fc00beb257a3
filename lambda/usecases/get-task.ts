import { AsyncQueueError } from "../core/errors.ts";
import type { TaskKey } from "../core/task.ts";
import { parseTaskId } from "../core/task-id.ts";
import type { TaskView } from "../core/task-view.ts";
import type { Ports } from "../ports.ts";
import { showTask } from "./show-task.ts";

export const taskNotFound = (taskId: string): AsyncQueueError =>
	new AsyncQueueError("task_not_found", `There is no task ${taskId.slice(0, 64)}`);

/** Refuses what cannot be a task id before any store is asked. */
export const assertTaskId = (taskId: string): void => {
	if (!parseTaskId(taskId)) throw taskNotFound(taskId);
};

/** A team's task, or `task_not_found` (also for another team's task). */
export const getTask = async (ports: Ports, key: TaskKey): Promise<TaskView> => {
	assertTaskId(key.taskId);
	const task = await ports.tasks.get(key);
	if (!task) throw taskNotFound(key.taskId);
	return showTask(ports, task);
};
