import { messageFor } from "../core/delivery-message.ts";
import { isMeant, type Job, type JobKind } from "../core/job.ts";
import { sideBySide } from "../core/side-by-side.ts";
import type { TaskKey } from "../core/task.ts";
import type { Ports } from "../ports.ts";
import { forgetSchedule } from "./cancel-task.ts";
import { dispatch } from "./dispatch.ts";
import { finishOf, queueSettings } from "./queue-policy.ts";

/** Tasks that one job changes at the same time. */
const PARALLEL_CHANGES = 16;

type Change<Result> = (key: TaskKey) => Promise<Result>;

const forEachTask = <Result>({ teamId, batch }: Job, change: Change<Result>): Promise<Result[]> =>
	sideBySide(batch, PARALLEL_CHANGES, (taskId) => change({ teamId, taskId }));

const count = (changes: readonly boolean[]): number => changes.filter(Boolean).length;

/**
 * Puts the failed tasks back and sends their messages: also those of tasks that are pending already, for an earlier
 * run may have come no further. A message too many is harmless, a missing one would be a lost task.
 */
const redriveBatch = async (ports: Ports, job: Job): Promise<number> => {
	const now = ports.clock.now();
	const { createdAt } = job;
	const reopened = await forEachTask(job, (key) => ports.tasks.reopen(key, now, createdAt));
	const tasks = reopened.flatMap(({ task }) => task ?? []);
	await dispatch(ports, tasks.filter(({ status }) => status === "pending").map(messageFor));
	return count(tasks.map((task) => !isMeant(job, task, now)));
};

const cancelBatch = async (ports: Ports, job: Job): Promise<number> => {
	const settings = await queueSettings(ports, job.teamId, job.queue);
	const finish = finishOf(settings, "cancelled", ports.clock.now());
	const cancelled = await forEachTask(job, async (key) => {
		const { task } = await ports.tasks.cancel(key, finish);
		if (task?.status !== "cancelled") return false;
		await forgetSchedule(ports, task);
		return true;
	});
	return count(cancelled);
};

const purgeBatch = async (ports: Ports, job: Job): Promise<number> => {
	const { tasks, clock } = ports;
	const erased = await forEachTask(job, async (key) => {
		const task = await tasks.get(key);
		// Who was put back meanwhile, and has ended again, ended after the job began.
		if (task && !isMeant(job, task, clock.now())) return false;
		return !task || (await tasks.erase(key)) || (await tasks.get(key)) === undefined;
	});
	return count(erased);
};

const changes: Record<JobKind, (ports: Ports, job: Job) => Promise<number>> = {
	redrive: redriveBatch,
	cancel: cancelBatch,
	purge: purgeBatch,
	delete: cancelBatch,
};

/**
 * Changes the tasks that the job has in hand. Returns how many are as the job wants them: those that an earlier run
 * of this batch had changed are among them, so that each task counts once and never goes beyond the job's `max`.
 */
export const changeBatch = async (ports: Ports, job: Job): Promise<number> =>
	job.batch.length === 0 ? 0 : changes[job.kind](ports, job);
