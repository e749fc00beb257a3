import { messageFor } from "../../../lambda/core/delivery-message.ts";
import type { Job, JobKey } from "../../../lambda/core/job.ts";
import type { QueueKey } from "../../../lambda/core/queue.ts";
import type { QueueCount, QueueCounts } from "../../../lambda/core/queue-counts.ts";
import type { Task, TaskKey, TaskStatus } from "../../../lambda/core/task.ts";
import { isExpired } from "../../../lambda/core/task-expiry.ts";
import type { TaskPage, TaskQuery } from "../../../lambda/core/task-page.ts";
import { isFinal } from "../../../lambda/core/task-state.ts";
import type {
	AttemptResult,
	Claim,
	Clock,
	Finish,
	Release,
	StalledPage,
	TaskStore,
	Transition,
	WalkPage,
} from "../../../lambda/ports.ts";
import type { ModelJobStore } from "./model-job-store.ts";
import { TeamMap } from "./team-map.ts";

/** The most that `walk` may look at for a page (ports.ts). */
const MAX_PAGE_SIZE = 100;

type Options = Readonly<{
	clock: Clock;
	/** Whose running jobs the search for stalled work finds. */
	jobs: ModelJobStore;
	/** Tasks looked at for a page of a walk: with few, small worlds have walks of several pages too. */
	pageSize?: number | undefined;
}>;

type Placed = Readonly<{ teamId: string; id: string }>;

type Page<Looked> = Readonly<{ looked: readonly Looked[]; nextCursor: string | undefined }>;

const newestFirst = (a: Task, b: Task): number => (a.id > b.id ? -1 : 1);

const placeOf = ({ teamId, id }: Placed): string => `${teamId}/${id}`;

const byPlace = (a: Placed, b: Placed): number => (placeOf(a) < placeOf(b) ? -1 : 1);

/** A task without a lease has one that ran out long ago. */
const leaseOf = ({ leaseUntil = 0 }: Task): number => leaseUntil;

/** Whether nobody is at a task that somebody should be at. */
const isClaimable = (task: Task, now: number): boolean =>
	(task.status === "pending" && task.dueAt <= now) || (task.status === "active" && leaseOf(task) <= now);

/** Whether the claim of the attempt until then still stands. */
const isClaimed = (task: Task, attempt: number, leaseUntil: number): boolean =>
	task.status === "active" && task.attempt === attempt && task.leaseUntil === leaseUntil;

const isStalled = (task: Task, before: number): boolean =>
	(task.status === "pending" && task.dueAt < before) || (task.status === "active" && leaseOf(task) < before);

const keyOfJob = ({ teamId, queue, id }: Job): JobKey => ({ queue: { teamId, name: queue }, jobId: id });

const isJob = (work: Task | Job): work is Job => "kind" in work;

const isStalledJob = ({ status, updatedAt }: Job, before: number): boolean =>
	status === "running" && updatedAt < before;

/** Tasks as a map: every transition is a condition on the task as it is, and the task that follows. */
export class ModelTaskStore implements TaskStore {
	readonly #tasks = new TeamMap<Task>();
	readonly #clock: Clock;
	readonly #jobs: ModelJobStore;
	readonly #pageSize: number;

	constructor({ clock, jobs, pageSize = MAX_PAGE_SIZE }: Options) {
		this.#clock = clock;
		this.#jobs = jobs;
		this.#pageSize = Math.min(pageSize, MAX_PAGE_SIZE);
	}

	async put(task: Task): Promise<"created" | "exists"> {
		if (this.#tasks.get(task.teamId, task.id)) return "exists";
		this.#tasks.set(task.teamId, task.id, task);
		return "created";
	}

	async get(key: TaskKey): Promise<Task | undefined> {
		return this.peek(key);
	}

	async list({ teamId, queue, status, before, limit }: TaskQuery): Promise<TaskPage> {
		const tasks = this.#tasks
			.ofTeam(teamId)
			.filter((task) => queue === undefined || task.queue === queue)
			.filter((task) => status === undefined || task.status === status)
			.filter((task) => before === undefined || task.id < before)
			.sort(newestFirst);
		return { tasks: tasks.slice(0, limit), hasMore: tasks.length > limit };
	}

	async claim({ attempt, now, leaseUntil, ...key }: Claim): Promise<Transition> {
		return this.#change(key, (task) =>
			task.attempt === attempt && isClaimable(task, now)
				? { ...task, status: "active", leaseUntil }
				: undefined,
		);
	}

	async release({ attempt, leaseUntil, ...key }: Release): Promise<Transition> {
		return this.#change(key, (task) =>
			isClaimed(task, attempt, leaseUntil)
				? { ...task, status: "pending", leaseUntil: undefined }
				: undefined,
		);
	}

	async recordAttempt({ attempt, leaseUntil, next, ...key }: AttemptResult): Promise<Transition> {
		return this.#change(key, (task) => {
			if (!isClaimed(task, attempt.number, leaseUntil)) return undefined;
			const attempts = [...task.attempts, attempt];
			const nextAttempt = next.status === "pending" ? task.attempt + 1 : task.attempt;
			return { ...task, ...next, attempts, attempt: nextAttempt, leaseUntil: undefined };
		});
	}

	async cancel(key: TaskKey, finish: Finish): Promise<Transition> {
		return this.#change(key, (task) =>
			task.status === "pending" ? { ...task, ...finish, status: "cancelled" } : undefined,
		);
	}

	async reopen(key: TaskKey, dueAt: number, failedBefore = Number.POSITIVE_INFINITY): Promise<Transition> {
		return this.#change(key, (task) => {
			const { status, completedAt = 0, attempts } = task;
			if (status !== "failed" || completedAt >= failedBefore) return undefined;
			return {
				...task,
				status: "pending",
				dueAt,
				attempt: attempts.length + 1,
				attemptsBefore: attempts.length,
				completedAt: undefined,
				expiresAt: undefined,
			};
		});
	}

	async close(key: TaskKey, attempt: number, finish: Finish): Promise<Transition> {
		return this.#change(key, (task) =>
			task.status === "pending" && task.attempt === attempt
				? { ...task, ...finish, status: "failed" }
				: undefined,
		);
	}

	async erase(key: TaskKey): Promise<boolean> {
		return this.#delete(key, ({ status }) => isFinal(status));
	}

	async remove(key: TaskKey): Promise<void> {
		this.#delete(key, ({ status, attempts }) => status === "pending" && attempts.length === 0);
	}

	async findStalled(before: number, cursor?: string): Promise<StalledPage> {
		const { looked, nextCursor } = this.#page([...this.#tasks.all(), ...this.#jobs.all()], cursor);
		return {
			messages: looked.flatMap((task) => (!isJob(task) && isStalled(task, before) ? messageFor(task) : [])),
			jobs: looked.flatMap((job) => (isJob(job) && isStalledJob(job, before) ? keyOfJob(job) : [])),
			nextCursor,
		};
	}

	async walk(queue: QueueKey, status: TaskStatus, cursor?: string): Promise<WalkPage> {
		const { looked, nextCursor } = this.#page(this.#inQueue(queue, status), cursor);
		return { tasks: looked, nextCursor };
	}

	async count(queue: QueueKey): Promise<QueueCounts> {
		const count = (status: TaskStatus): QueueCount => ({
			count: this.#inQueue(queue, status).length,
			exact: true,
			asOf: this.#clock.now(),
		});
		return { pending: count("pending"), active: count("active"), failed: count("failed") };
	}

	/** The task as it is at this moment, for whoever checks the world from outside. */
	peek({ teamId, taskId }: TaskKey): Task | undefined {
		return this.#tasks.get(teamId, taskId);
	}

	all(): readonly Task[] {
		return this.#tasks.all();
	}

	/** Deletes finished tasks that have been kept for long enough at `now` (epoch ms). */
	prune(now: number): void {
		for (const task of this.#tasks.all()) if (isExpired(task, now)) this.#tasks.delete(task.teamId, task.id);
	}

	/** The task that follows from `change`, which gives undefined where the change is not allowed. */
	#change(key: TaskKey, change: (task: Task) => Task | undefined): Transition {
		const task = this.peek(key);
		const changed = task && change(task);
		if (!changed) return { done: false, task };
		this.#tasks.set(key.teamId, key.taskId, changed);
		return { done: true, task: changed };
	}

	#delete(key: TaskKey, isAllowed: (task: Task) => boolean): boolean {
		const task = this.peek(key);
		if (!task || !isAllowed(task)) return false;
		this.#tasks.delete(key.teamId, key.taskId);
		return true;
	}

	#inQueue({ teamId, name }: QueueKey, status: TaskStatus): Task[] {
		return this.#tasks.ofTeam(teamId).filter((task) => task.queue === name && task.status === status);
	}

	/** What comes after `cursor`, the place of the last one looked at: so none is missed when that is gone. */
	#page<Looked extends Placed>(all: readonly Looked[], cursor = ""): Page<Looked> {
		const rest = all.filter((each) => placeOf(each) > cursor).sort(byPlace);
		const looked = rest.slice(0, this.#pageSize);
		const last = looked.at(-1);
		return { looked, nextCursor: rest.length > looked.length && last ? placeOf(last) : undefined };
	}
}
