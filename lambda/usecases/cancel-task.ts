import { messageFor } from "../core/delivery-message.ts";
import { dispatchRoute } from "../core/dispatch-route.ts";
import { AsyncQueueError } from "../core/errors.ts";
import type { Task, TaskKey } from "../core/task.ts";
import type { TaskView } from "../core/task-view.ts";
import type { Ports } from "../ports.ts";
import { findTask, taskNotFound } from "./get-task.ts";
import { finishOf, queueSettings } from "./queue-policy.ts";
import { showTask } from "./show-task.ts";

/** A schedule left behind only costs one harmless message, so failing to remove it is not the caller's problem. */
export const forgetSchedule = async (ports: Ports, task: Task): Promise<void> => {
	if (dispatchRoute(task.dueAt, ports.clock.now()).via === "queue") return;
	try {
		await ports.scheduler.unschedule(messageFor(task));
	} catch (error) {
		ports.log.warn("task.unschedule_failed", { task_id: task.id, error });
	}
};

/** Cancels a pending task: once this resolves its webhook is never called again. Throws `task_not_pending`. */
export const cancelTask = async (ports: Ports, key: TaskKey): Promise<TaskView> => {
	const { teamId, queue } = await findTask(ports, key);
	const settings = await queueSettings(ports, teamId, queue);
	const cancelled = await ports.tasks.cancel(key, finishOf(settings, "cancelled", ports.clock.now()));
	if (cancelled.done) {
		await forgetSchedule(ports, cancelled.task);
		return showTask(ports, cancelled.task);
	}
	if (!cancelled.task) throw taskNotFound(key.taskId);
	throw new AsyncQueueError(
		"task_not_pending",
		`The task is ${cancelled.task.status}; only a pending task can be cancelled`,
	);
};
