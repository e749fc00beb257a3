import type { StatementSync } from "node:sqlite";
import { type Task, TaskStatus } from "../../core/task.ts";
import type { TaskPage, TaskQuery } from "../../core/task-page.ts";
import type { Database } from "./database.ts";
import { fromRow, TASK_SELECTION, type TaskRow } from "./task-row.ts";

/** The tasks of one queue in one status: a range of the index `tasks_by_status`, ordered by id. */
type Range = Readonly<{ status: TaskStatus; queue: string }>;

/** Sorts after every task id. */
const AFTER_ALL_IDS = "~";

/**
 * Pages of tasks, newest first. A filtered page is merged from the newest tasks of each range that the filter
 * leaves, so its cost grows with the number of queues at most, not of tasks.
 */
export class TaskListing {
	readonly #newestOfTeam: StatementSync;
	readonly #newestOfRange: StatementSync;
	readonly #nextQueue: StatementSync;
	readonly #task: StatementSync;

	constructor(database: Database) {
		// `LIMIT ?` alone makes SQLite compile the statement again for every value: `+ 0` hides it from the planner.
		this.#newestOfTeam = database.prepare(
			`SELECT ${TASK_SELECTION} FROM tasks WHERE team_id = ? AND id < ? ORDER BY id DESC LIMIT ? + 0`,
		);
		this.#newestOfRange = database.prepare(
			`SELECT id FROM tasks WHERE status = ? AND team_id = ? AND queue = ? AND id < ? AND id > ?
			ORDER BY id DESC LIMIT ? + 0`,
		);
		this.#nextQueue = database.prepare(
			"SELECT min(queue) AS queue FROM tasks WHERE status = ? AND team_id = ? AND queue > ?",
		);
		this.#task = database.prepare(`SELECT ${TASK_SELECTION} FROM tasks WHERE team_id = ? AND id = ?`);
		for (const statement of [this.#newestOfTeam, this.#newestOfRange, this.#task])
			statement.setReturnArrays(true);
	}

	page(query: TaskQuery): TaskPage {
		// One more than asked for tells whether there is more.
		const tasks = this.#newest(query, query.limit + 1);
		return { tasks: tasks.slice(0, query.limit), hasMore: tasks.length > query.limit };
	}

	#newest({ teamId, queue, status, before = AFTER_ALL_IDS }: TaskQuery, count: number): Task[] {
		if (queue === undefined && status === undefined) {
			const rows = this.#newestOfTeam.all(teamId, before, count) as unknown as TaskRow[];
			return rows.map(fromRow);
		}
		const ids = this.#newestIds(teamId, this.#ranges(teamId, queue, status), before, count);
		return ids.map((id) => fromRow(this.#task.get(teamId, id) as unknown as TaskRow));
	}

	*#ranges(teamId: string, queue: string | undefined, status: TaskStatus | undefined): Generator<Range> {
		if (status !== undefined && queue === undefined) yield* this.#rangesOfStatus(teamId, status);
		else if (queue !== undefined)
			for (const each of status === undefined ? TaskStatus.options : [status]) yield { status: each, queue };
	}

	*#rangesOfStatus(teamId: string, status: TaskStatus): Generator<Range> {
		let queue: unknown = "";
		for (;;) {
			queue = this.#nextQueue.get(status, teamId, queue as string)?.["queue"];
			if (typeof queue !== "string") return;
			yield { status, queue };
		}
	}

	#newestIds(teamId: string, ranges: Iterable<Range>, before: string, count: number): string[] {
		let newest: string[] = [];
		for (const { status, queue } of ranges) {
			// An id below a full list's last one cannot make it any more.
			const above = newest.length < count ? "" : (newest.at(-1) ?? "");
			const rows = this.#newestOfRange.all(status, teamId, queue, before, above, count);
			if (rows.length === 0) continue;
			const ids = (rows as unknown as [string][]).map(([id]) => id);
			newest = [...newest, ...ids].sort().reverse().slice(0, count);
		}
		return newest;
	}
}
