import { messageFor } from "../core/delivery-message.ts";
import { AsyncQueueError } from "../core/errors.ts";
import type { Task, TaskKey } from "../core/task.ts";
import type { TaskView } from "../core/task-view.ts";
import type { Ports } from "../ports.ts";
import { dispatch, sendWhatIsNeeded } from "./dispatch.ts";
import { findTask, taskNotFound } from "./get-task.ts";
import { finishOf, queueSettings } from "./queue-policy.ts";
import { showTask } from "./show-task.ts";

/** Makes the task failed again, so that it can be retried once more. */
const takeBack = async (ports: Ports, key: TaskKey, { teamId, queue, attempt }: Task): Promise<void> => {
	const settings = await queueSettings(ports, teamId, queue);
	await ports.tasks.close(key, attempt, finishOf(settings, "failed", ports.clock.now()));
};

/** Puts a failed task back, due now, with a fresh set of retries. Throws `task_not_failed`. */
export const retryTask = async (ports: Ports, key: TaskKey): Promise<TaskView> => {
	await findTask(ports, key);
	const reopened = await ports.tasks.reopen(key, ports.clock.now());
	if (!reopened.done) {
		if (!reopened.task) throw taskNotFound(key.taskId);
		// An earlier request may have put it back and come no further; whoever asks again is to find it on its way.
		await sendWhatIsNeeded(ports, reopened.task);
		throw new AsyncQueueError(
			"task_not_failed",
			`The task is ${reopened.task.status}; only a failed task can be retried`,
		);
	}
	try {
		await dispatch(ports, [messageFor(reopened.task)]);
	} catch (cause) {
		await Promise.allSettled([takeBack(ports, key, reopened.task)]);
		throw new AsyncQueueError("unavailable", "The task could not be queued; please try again", { cause });
	}
	return showTask(ports, reopened.task);
};
