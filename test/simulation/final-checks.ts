import type { Task } from "../../lambda/core/task.ts";
import { isFinal } from "../../lambda/core/task-state.ts";
import type { AcceptedTask, Book } from "./book.ts";
import type { CallMonitor } from "./call-monitor.ts";
import type { Chronicle } from "./chronicle.ts";
import type { ModelWorld } from "./model/model-world.ts";
import type { Disaster, Plan, PlannedEvent, PlannedTask } from "./plan.ts";
import type { Violation } from "./violation.ts";

type Options = Readonly<{
	plan: Plan;
	book: Book;
	chronicle: Chronicle;
	world: ModelWorld;
	monitor: CallMonitor;
	report: (violation: Violation) => void;
}>;

/** More than any retry, lease or series of receives takes when nothing goes wrong any more. */
const OVERDUE_MS = 4 * 3_600_000;

const isPurge = ({ kind }: Disaster): boolean => kind === "purge" || kind === "purge_work";

const createdBy = (event: PlannedEvent): readonly PlannedTask[] =>
	"action" in event && event.action.kind === "create" ? event.action.tasks : [];

const isAnswered2xx = ({ status }: { status: number }): boolean => status >= 200 && status <= 299;

/** What must be true when a run has come to rest. */
export class FinalChecks {
	readonly #options: Options;
	readonly #tasks: ReadonlyMap<string, Task>;

	constructor(options: Options) {
		this.#options = options;
		this.#tasks = new Map(options.world.inspect().tasks.map((task) => [task.id, task]));
	}

	/**
	 * What has to be true before anybody looks for stalled tasks: only what was purged may have to be found. `now` is
	 * hours after the last fault.
	 */
	runBeforeReconciliation(now: number): void {
		if (this.#options.plan.events.some((event) => "disaster" in event && isPurge(event.disaster))) return;
		for (const { id, queue, status, dueAt } of this.#tasks.values())
			if (this.#options.book.accepted.has(id) && !isFinal(status) && dueAt < now - OVERDUE_MS)
				this.#violated("nothing waits to be found", `${id} is still ${status}`, [id, queue]);
		this.#checkJobs();
	}

	run(): void {
		for (const accepted of this.#options.book.accepted.values()) this.#checkAccepted(accepted);
		for (const task of this.#tasks.values()) this.#checkTask(task);
		this.#checkIdempotency();
		this.#checkJobs();
		this.#checkLeftovers();
	}

	#violated(invariant: string, what: string, ids: readonly string[]): void {
		this.#options.report({ invariant, what, ids });
	}

	/** Nothing accepted is lost. Only who asked to purge a queue may find its finished tasks gone. */
	#checkAccepted({ id, task }: AcceptedTask): void {
		const { book, chronicle } = this.#options;
		if (this.#tasks.has(id)) return;
		const isPurged =
			book.purgedQueues.has(`${task.queue.team}/${task.queue.name}`) && chronicle.goneAt(id) !== undefined;
		if (!isPurged) this.#violated("nothing is lost", `${id} was accepted and is not there`, [id]);
	}

	#checkTask(task: Task): void {
		const { monitor, chronicle } = this.#options;
		const { id, status, queue } = task;
		const ids = [id, queue];
		const calls = monitor.callsFor(id);
		if (!isFinal(status)) this.#violated("nothing is stuck", `${id} is still ${status}`, ids);
		if (status === "completed" && !calls.some(isAnswered2xx))
			this.#violated("completed means delivered", `${id}: no call was answered with 2xx`, ids);
		if (status === "cancelled" && chronicle.cancelledAt(id) === undefined)
			this.#violated("statuses follow the table", `${id} is cancelled and nobody did it`, ids);
		this.#checkAttempts(task);
	}

	/** Attempts are numbered from 1, each recorded once; all retries are used before a task fails. */
	#checkAttempts(task: Task): void {
		const { id, queue, attempts, attemptsBefore, status } = task;
		const ids = [id, queue];
		if (attempts.some(({ number }, index) => number !== index + 1))
			this.#violated("attempts are counted", `${id}: ${attempts.map(({ number }) => number)}`, ids);
		const made = attempts.length - attemptsBefore;
		const [fewest, most] = this.#retriesOf(task);
		if (made > 1 + most) this.#violated("attempts are limited", `${id}: ${made} attempts`, ids);
		const last = attempts.at(-1);
		const isRejected = last?.error === "http_410" || last?.error === "no_retry";
		if (status === "failed" && !isRejected && made < 1 + fewest)
			this.#violated("attempts are used", `${id}: failed after ${made} of ${1 + fewest} attempts`, ids);
	}

	/** The fewest and the most retries that the task may have had, as its queue's settings have changed meanwhile. */
	#retriesOf(task: Task): [number, number] {
		if (task.maxRetries !== undefined) return [task.maxRetries, task.maxRetries];
		const { queues, events } = this.#options.plan;
		const settings = [
			queues.find(({ name }) => name === task.queue)?.settings ?? {},
			...events.flatMap((event) =>
				"action" in event && event.action.kind === "patch" && event.action.queue.name === task.queue
					? [event.action.settings]
					: [],
			),
		];
		const retries = settings.map(({ max_retries }) => max_retries ?? 3);
		return [Math.min(...retries), Math.max(...retries)];
	}

	/** One create, one task, and with an idempotency key also when it was repeated. */
	#checkIdempotency(): void {
		const { plan, book, chronicle } = this.#options;
		const idsFor = new Map<number, Set<string>>();
		for (const { id, payload } of chronicle.stored.values()) {
			const { n } = JSON.parse(payload) as { n: number };
			idsFor.set(n, (idsFor.get(n) ?? new Set(book.idsOf(n))).add(id));
		}
		for (const { n } of plan.events.flatMap(createdBy)) {
			const ids = [...(idsFor.get(n) ?? [])];
			if (ids.length > 1)
				this.#violated("one create, one task", `task ${n} exists as ${ids.join(", ")}`, ids);
		}
	}

	/** A job that nobody was told of may have been left where its request broke off. */
	#checkJobs(): void {
		const { world, book } = this.#options;
		const jobs = new Map(world.inspect().jobs.map((job) => [job.id, job]));
		for (const { id, queue } of book.jobs) {
			const status = jobs.get(id)?.status ?? "gone";
			if (status !== "finished") this.#violated("jobs are done", `${id} is ${status}`, [id, queue]);
		}
	}

	/** What a finished task has left in a waiting line goes with the next look at that line, and costs nothing until then. */
	#checkLeftovers(): void {
		const { messages, workMessages, deadLetters, quarantine, schedules, ...world } =
			this.#options.world.inspect();
		const line = world.line.filter(({ task_id }) => {
			const task = this.#tasks.get(task_id);
			return task && !isFinal(task.status);
		});
		const leftovers = {
			messages,
			"work messages": workMessages,
			"dead letters": deadLetters,
			"quarantined messages": quarantine,
			"messages in line": line,
			schedules,
		};
		for (const [name, left] of Object.entries(leftovers))
			if (left.length > 0)
				this.#violated("nothing is left behind", `${left.length} ${name}: ${JSON.stringify(left[0])}`, []);
	}
}
