import { webhookAddressFault } from "../core/address-policy.ts";
import { messageFor } from "../core/delivery-message.ts";
import { AsyncQueueError } from "../core/errors.ts";
import { invalidRequest } from "../core/faults.ts";
import { IDEMPOTENCY_TTL_MS, requestFingerprint } from "../core/idempotency.ts";
import type { NewTask } from "../core/new-task.ts";
import { serializePayload, taskFrom } from "../core/new-task-record.ts";
import type { Principal } from "../core/principal.ts";
import type { Task } from "../core/task.ts";
import { taskIdFor } from "../core/task-id.ts";
import { type TaskView, taskView } from "../core/task-view.ts";
import type { TraceContext } from "../core/trace-context.ts";
import type { Ports } from "../ports.ts";
import { dispatch } from "./dispatch.ts";
import { ensureQueue } from "./queue-policy.ts";

/** A validated request to create a task. */
export type CreateTask = Readonly<{
	principal: Principal;
	newTask: NewTask;
	idempotencyKey?: string | undefined;
	trace?: TraceContext | undefined;
}>;

export type CreatedTask = Readonly<{ task: TaskView; replayed: boolean }>;

/** A task that is stored but not yet on its way. */
export type StoredTask = Readonly<{
	task: Task;
	maxRetries: number;
	replayed: boolean;
	needsDispatch: boolean;
}>;

/** Id, creation time and retries shown: the first request's, when an idempotency key has been seen before. */
const identify = async (ports: Ports, request: CreateTask, maxRetries: number) => {
	const { principal, newTask, idempotencyKey } = request;
	const now = ports.clock.now();
	const taskId = taskIdFor(ports.random.ulid(now), newTask.queue);
	const fresh = { taskId, createdAt: now, maxRetries };
	if (idempotencyKey === undefined) return { ...fresh, replayed: false };
	const fingerprint = requestFingerprint(newTask);
	const record = await ports.idempotency.reserve(
		{
			...fresh,
			teamId: principal.teamId,
			key: idempotencyKey,
			fingerprint,
			expiresAt: now + IDEMPOTENCY_TTL_MS,
		},
		now,
	);
	if (record.fingerprint !== fingerprint)
		throw new AsyncQueueError(
			"idempotency_key_reused",
			"This Idempotency-Key was used with a different request; use a new key for a new task",
		);
	const { createdAt } = record;
	return {
		taskId: record.taskId,
		createdAt,
		maxRetries: record.maxRetries,
		replayed: record.taskId !== taskId,
	};
};

/**
 * Stores a new task. With an idempotency key that was seen before nothing new is stored, but a first request
 * that broke off is finished: its task is written if missing and dispatched again while it has not been attempted.
 */
export const storeTask = async (ports: Ports, request: CreateTask): Promise<StoredTask> => {
	const { principal, newTask } = request;
	const fault = webhookAddressFault(new URL(newTask.webhook_url), ports.addressPolicy);
	if (fault) throw invalidRequest([{ path: "webhook_url", message: fault }]);
	const payload = serializePayload(newTask.payload);
	const queue = await ensureQueue(ports, principal.teamId, newTask.queue);
	const { taskId, createdAt, maxRetries, replayed } = await identify(
		ports,
		request,
		newTask.max_retries ?? queue.settings.max_retries,
	);
	const task = taskFrom(newTask, { principal, id: taskId, payload, createdAt, trace: request.trace });
	const written = await ports.tasks.put(task);
	const current = written === "exists" ? await ports.tasks.get({ teamId: task.teamId, taskId }) : task;
	const needsDispatch = current?.status === "pending" && current.attempts.length === 0;
	return { task, maxRetries, replayed, needsDispatch };
};

/** Says what is accepted now, by queue. What an earlier request with the same key had created is not. */
const logCreated = ({ log }: Ports, stored: readonly StoredTask[]): void => {
	const created = stored.filter(({ replayed }) => !replayed).map(({ task }) => task);
	for (const [queue, tasks] of Map.groupBy(created, (task) => task.queue))
		log.debug("task.created", { team_id: tasks[0]?.teamId, queue, tasks: tasks.length });
};

/**
 * Puts stored tasks on their way. If that fails the tasks are taken back, so that a 5xx means "not accepted";
 * those with an idempotency key stay, because another request with that key may have been told that they exist.
 */
export const dispatchStored = async (
	ports: Ports,
	stored: readonly StoredTask[],
	keepOnFailure: boolean,
): Promise<void> => {
	const tasks = stored.filter(({ needsDispatch }) => needsDispatch).map(({ task }) => task);
	try {
		await dispatch(ports, tasks.map(messageFor));
	} catch (cause) {
		if (!keepOnFailure)
			await Promise.allSettled(tasks.map(({ teamId, id }) => ports.tasks.remove({ teamId, taskId: id })));
		throw new AsyncQueueError("unavailable", "The task could not be queued; please try again", { cause });
	}
	logCreated(ports, stored);
};

export const createdTask = ({ task, maxRetries, replayed }: StoredTask): CreatedTask => ({
	task: taskView(task, maxRetries),
	replayed,
});

/** Accepts one task: when this resolves, the task will reach a final status whatever happens. */
export const createTask = async (ports: Ports, request: CreateTask): Promise<CreatedTask> => {
	const stored = await storeTask(ports, request);
	await dispatchStored(ports, [stored], request.idempotencyKey !== undefined);
	return createdTask(stored);
};
