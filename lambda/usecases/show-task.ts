import type { Task } from "../core/task.ts";
import { type TaskView, taskView } from "../core/task-view.ts";
import type { Ports } from "../ports.ts";
import { queueSettings } from "./queue-policy.ts";

/** Tasks as the API shows them, with the retries that their queues grant today. Reads each queue once. */
export const showTasks = async (ports: Ports, tasks: readonly Task[]): Promise<TaskView[]> => {
	const maxRetries = new Map<string, Promise<number>>();
	const retriesOf = ({ teamId, queue }: Task): Promise<number> => {
		const known = maxRetries.get(queue) ?? queueSettings(ports, teamId, queue).then((s) => s.max_retries);
		maxRetries.set(queue, known);
		return known;
	};
	return Promise.all(tasks.map(async (task) => taskView(task, task.maxRetries ?? (await retriesOf(task)))));
};

/** One task as the API shows it. */
export const showTask = async (ports: Ports, task: Task): Promise<TaskView> =>
	taskView(task, task.maxRetries ?? (await queueSettings(ports, task.teamId, task.queue)).max_retries);
