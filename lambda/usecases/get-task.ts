import { AsyncQueueError } from "../core/errors.ts";
import type { Task, TaskKey } from "../core/task.ts";
import { isExpired } from "../core/task-expiry.ts";
import { parseTaskId } from "../core/task-id.ts";
import { isFinal } from "../core/task-state.ts";
import type { TaskView } from "../core/task-view.ts";
import { hasChanged, pausesOf } from "../core/task-wait.ts";
import type { Ports } from "../ports.ts";
import { showTask } from "./show-task.ts";

export const taskNotFound = (taskId: string): AsyncQueueError =>
	new AsyncQueueError("task_not_found", `There is no task ${taskId.slice(0, 64)}`);

/** A team's task, or `task_not_found`: also for another team's task, and for one that is kept no longer. */
export const findTask = async ({ tasks, clock }: Ports, key: TaskKey): Promise<Task> => {
	// What cannot be a task id is not looked for.
	const task = parseTaskId(key.taskId) && (await tasks.get(key));
	if (!task || isExpired(task, clock.now())) throw taskNotFound(key.taskId);
	return task;
};

/**
 * A team's task as the API shows it: as soon as its status has changed, at once if it is final, or as it is after
 * `waitMs`. Looks at the task now and then, as nothing tells a function on AWS of a change. Throws `task_not_found`, also
 * when the task is deleted meanwhile.
 */
export const getTask = async (ports: Ports, key: TaskKey, waitMs = 0): Promise<TaskView> => {
	const before = await findTask(ports, key);
	let task = before;
	const pauses = isFinal(before.status) ? [] : pausesOf(waitMs);
	for (const pauseMs of pauses) {
		await ports.timer.sleep(pauseMs);
		task = await findTask(ports, key);
		if (hasChanged(before, task)) break;
	}
	return showTask(ports, task);
};
