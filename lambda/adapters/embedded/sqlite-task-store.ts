import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { QueueKey } from "../../core/queue.ts";
import type { QueueCounts } from "../../core/queue-counts.ts";
import type { Task, TaskKey, TaskStatus } from "../../core/task.ts";
import type { TaskPage, TaskQuery } from "../../core/task-page.ts";
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
} from "../../ports.ts";
import type { Database } from "./database.ts";
import type { HeldLeases } from "./held-leases.ts";
import { QueueTasks } from "./queue-tasks.ts";
import { StalledWork } from "./stalled-work.ts";
import { TaskListing } from "./task-listing.ts";
import {
	attemptText,
	fromRow,
	hasInlinePayload,
	TASK_COLUMNS,
	TASK_PLACEHOLDERS,
	TASK_SELECTION,
	type TaskRow,
	toRow,
} from "./task-row.ts";

/** Later than anything that has happened. */
const FOREVER = Number.MAX_SAFE_INTEGER;

const ATTEMPTS_MADE = "json_array_length('[' || coalesce(attempts, '') || ']')";

const statements = (database: Database) => ({
	insert: database.prepare(
		`INSERT INTO tasks (${TASK_COLUMNS}) VALUES (${TASK_PLACEHOLDERS}) ON CONFLICT DO NOTHING`,
	),
	insertPayload: database.prepare("INSERT INTO payloads (team_id, task_id, payload) VALUES (?, ?, ?)"),
	select: database.prepare(`SELECT ${TASK_SELECTION} FROM tasks WHERE team_id = ? AND id = ?`),
	claim: database.prepare(
		`UPDATE tasks SET status = 'active', lease_until = ? WHERE team_id = ? AND id = ? AND attempt = ?
		AND (status = 'pending' AND due_at <= ? OR status = 'active' AND lease_until <= ?)`,
	),
	release: database.prepare(
		`UPDATE tasks SET status = 'pending', lease_until = NULL
		WHERE team_id = ? AND id = ? AND status = 'active' AND attempt = ? AND lease_until = ?`,
	),
	retryLater: database.prepare(
		`UPDATE tasks SET status = 'pending', attempt = attempt + 1, due_at = ?, lease_until = NULL,
		attempts = coalesce(attempts || ',', '') || ?
		WHERE team_id = ? AND id = ? AND status = 'active' AND attempt = ? AND lease_until = ?`,
	),
	finish: database.prepare(
		`UPDATE tasks SET status = ?, completed_at = ?, expires_at = ?, lease_until = NULL,
		attempts = coalesce(attempts || ',', '') || ?
		WHERE team_id = ? AND id = ? AND status = 'active' AND attempt = ? AND lease_until = ?`,
	),
	cancel: database.prepare(
		`UPDATE tasks SET status = 'cancelled', completed_at = ?, expires_at = ?
		WHERE team_id = ? AND id = ? AND status = 'pending'`,
	),
	reopen: database.prepare(
		`UPDATE tasks SET status = 'pending', due_at = ?, completed_at = NULL, expires_at = NULL,
		attempts_before = ${ATTEMPTS_MADE}, attempt = ${ATTEMPTS_MADE} + 1
		WHERE team_id = ? AND id = ? AND status = 'failed' AND completed_at < ?`,
	),
	close: database.prepare(
		`UPDATE tasks SET status = 'failed', completed_at = ?, expires_at = ?
		WHERE team_id = ? AND id = ? AND status = 'pending' AND attempt = ?`,
	),
	erase: database.prepare(
		`DELETE FROM tasks WHERE team_id = ? AND id = ? AND status IN ('completed', 'failed', 'cancelled')`,
	),
	remove: database.prepare(
		"DELETE FROM tasks WHERE team_id = ? AND id = ? AND status = 'pending' AND attempts IS NULL",
	),
	removePayload: database.prepare("DELETE FROM payloads WHERE team_id = ? AND task_id = ?"),
	releaseLeases: database.prepare(
		"UPDATE tasks SET lease_until = ? WHERE status = 'active' AND lease_until > ?",
	),
});

/**
 * Tasks in SQLite. Every transition is one conditional UPDATE followed by a SELECT of the task as it is then; nothing
 * can come between the two on a connection that is used synchronously, and it is faster than RETURNING.
 */
export class SqliteTaskStore implements TaskStore {
	readonly #database: Database;
	readonly #statements: ReturnType<typeof statements>;
	readonly #listing: TaskListing;
	readonly #stalled: StalledWork;
	readonly #queueTasks: QueueTasks;
	readonly #clock: Clock;
	readonly #held: HeldLeases | undefined;

	/** With `held`, claims last by its steady clock as well as by the wall clock. */
	constructor(database: Database, clock: Clock, held?: HeldLeases) {
		this.#database = database;
		this.#clock = clock;
		this.#held = held;
		this.#statements = statements(database);
		this.#statements.select.setReturnArrays(true);
		this.#listing = new TaskListing(database);
		this.#stalled = new StalledWork(database);
		this.#queueTasks = new QueueTasks(database);
	}

	async put(task: Task): Promise<"created" | "exists"> {
		const insert = (): boolean => this.#statements.insert.run(...toRow(task)).changes === 1;
		const insertWithPayload = (): boolean =>
			this.#database.allOrNothing(() => {
				const inserted = insert();
				if (inserted) this.#statements.insertPayload.run(task.teamId, task.id, task.payload);
				return inserted;
			});
		const inserted = this.#database.durable(hasInlinePayload(task) ? insert : insertWithPayload);
		return inserted ? "created" : "exists";
	}

	async get({ teamId, taskId }: TaskKey): Promise<Task | undefined> {
		return this.#get(teamId, taskId);
	}

	async list(query: TaskQuery): Promise<TaskPage> {
		return this.#listing.page(query);
	}

	/** Resolves when the claim is committed: a claim that a full disk rolls back must not be followed by a call. */
	async claim({ teamId, taskId, attempt, now, leaseUntil }: Claim): Promise<Transition> {
		const key = { teamId, taskId };
		const heldMs = this.#held?.remainingMs(nameOf(key)) ?? 0;
		if (heldMs > 0) return this.#refuse(key, now + heldMs);
		const { claim } = this.#statements;
		const done = this.#database.lazy(() => run(claim, leaseUntil, teamId, taskId, attempt, now, now));
		const transition = this.#transition(done, teamId, taskId);
		if (done) this.#held?.hold(nameOf(key), leaseUntil - now);
		try {
			await this.#database.written();
		} catch (error) {
			this.#held?.release(nameOf(key));
			throw error;
		}
		return transition;
	}

	async release({ teamId, taskId, attempt, leaseUntil }: Release): Promise<Transition> {
		const { release } = this.#statements;
		this.#held?.release(nameOf({ teamId, taskId }));
		const done = this.#database.lazy(() => run(release, teamId, taskId, attempt, leaseUntil));
		return this.#transition(done, teamId, taskId);
	}

	async recordAttempt(result: AttemptResult): Promise<Transition> {
		const { teamId, taskId, attempt, leaseUntil, next } = result;
		const { retryLater, finish } = this.#statements;
		// The call is over, whether or not its result can be kept.
		this.#held?.release(nameOf({ teamId, taskId }));
		const claim = [teamId, taskId, attempt.number, leaseUntil];
		const text = attemptText(attempt);
		const done = this.#database.lazy(() =>
			next.status === "pending"
				? run(retryLater, next.dueAt, text, ...claim)
				: run(finish, next.status, next.completedAt, next.expiresAt, text, ...claim),
		);
		return this.#transition(done, teamId, taskId);
	}

	async cancel({ teamId, taskId }: TaskKey, { completedAt, expiresAt }: Finish): Promise<Transition> {
		const { cancel } = this.#statements;
		const done = this.#database.durable(() => run(cancel, completedAt, expiresAt, teamId, taskId));
		return this.#transition(done, teamId, taskId);
	}

	async reopen({ teamId, taskId }: TaskKey, dueAt: number, failedBefore = FOREVER): Promise<Transition> {
		const { reopen } = this.#statements;
		const done = this.#database.durable(() => run(reopen, dueAt, teamId, taskId, failedBefore));
		return this.#transition(done, teamId, taskId);
	}

	async close(
		{ teamId, taskId }: TaskKey,
		attempt: number,
		{ completedAt, expiresAt }: Finish,
	): Promise<Transition> {
		const { close } = this.#statements;
		const done = this.#database.durable(() => run(close, completedAt, expiresAt, teamId, taskId, attempt));
		return this.#transition(done, teamId, taskId);
	}

	async erase(key: TaskKey): Promise<boolean> {
		return this.#database.durable(() => this.#delete("erase", key));
	}

	async remove(key: TaskKey): Promise<void> {
		this.#database.durable(() => this.#delete("remove", key));
	}

	async findStalled(before: number, cursor?: string): Promise<StalledPage> {
		return this.#stalled.page(before, cursor);
	}

	async walk(queue: QueueKey, status: TaskStatus, cursor?: string): Promise<WalkPage> {
		return this.#queueTasks.page(queue, status, cursor);
	}

	async count(queue: QueueKey): Promise<QueueCounts> {
		return this.#queueTasks.count(queue, this.#clock.now());
	}

	/** Ends every lease at `now` (epoch ms): at start, when whoever held them is dead. */
	releaseLeases(now: number): void {
		this.#database.lazy(() => this.#statements.releaseLeases.run(now, now));
	}

	/** Whoever asks again when the claim ends, ends up after it by the wall clock of now. */
	#refuse({ teamId, taskId }: TaskKey, leaseUntil: number): Transition {
		const task = this.#get(teamId, taskId);
		return { done: false, task: task?.status === "active" ? { ...task, leaseUntil } : task };
	}

	#delete(how: "erase" | "remove", { teamId, taskId }: TaskKey): boolean {
		return this.#database.allOrNothing(() => {
			const deleted = run(this.#statements[how], teamId, taskId);
			if (deleted) this.#statements.removePayload.run(teamId, taskId);
			return deleted;
		});
	}

	#get(teamId: string, taskId: string): Task | undefined {
		const row = this.#statements.select.get(teamId, taskId) as unknown as TaskRow | undefined;
		return row && fromRow(row);
	}

	#transition(done: boolean, teamId: string, taskId: string): Transition {
		const task = this.#get(teamId, taskId);
		return done && task ? { done, task } : { done: false, task };
	}
}

const nameOf = ({ teamId, taskId }: TaskKey): string => `${teamId}/${taskId}`;

/** Whether the statement changed its one row. */
const run = (statement: StatementSync, ...values: SQLInputValue[]): boolean =>
	statement.run(...values).changes === 1;
