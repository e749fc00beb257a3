import type { StatementSync } from "node:sqlite";
import type { QueueKey } from "../../core/queue.ts";
import type { QueueCount, QueueCounts } from "../../core/queue-counts.ts";
import type { TaskStatus } from "../../core/task.ts";
import type { WalkPage } from "../../ports.ts";
import type { Database } from "./database.ts";
import { fromRow, TASK_SELECTION, type TaskRow } from "./task-row.ts";

const TASKS_A_PAGE = 100;

/** Index entries counted at most: a few milliseconds of work. */
const COUNTED = 20_000;

/** A queue's tasks of one status: ranges of the index `tasks_by_status`, by id. */
export class QueueTasks {
	readonly #ids: StatementSync;
	readonly #task: StatementSync;
	readonly #count: StatementSync;

	constructor(database: Database) {
		this.#ids = database.prepare(
			`SELECT id FROM tasks WHERE status = ? AND team_id = ? AND queue = ? AND id > ?
			ORDER BY id LIMIT ${TASKS_A_PAGE}`,
		);
		this.#task = database.prepare(`SELECT ${TASK_SELECTION} FROM tasks WHERE team_id = ? AND id = ?`);
		this.#count = database.prepare(
			`SELECT count(*) FROM (
				SELECT 1 FROM tasks WHERE status = ? AND team_id = ? AND queue = ? LIMIT ${COUNTED}
			)`,
		);
		for (const statement of [this.#ids, this.#task, this.#count]) statement.setReturnArrays(true);
	}

	/** One page of a walk; the cursor is the last id of the page before. */
	page({ teamId, name }: QueueKey, status: TaskStatus, cursor = ""): WalkPage {
		const ids = (this.#ids.all(status, teamId, name, cursor) as unknown as [string][]).map(([id]) => id);
		const tasks = ids.map((id) => fromRow(this.#task.get(teamId, id) as unknown as TaskRow));
		return { tasks, nextCursor: ids.length < TASKS_A_PAGE ? undefined : ids.at(-1) };
	}

	count(queue: QueueKey, asOf: number): QueueCounts {
		return {
			pending: this.#countOf(queue, "pending", asOf),
			active: this.#countOf(queue, "active", asOf),
			failed: this.#countOf(queue, "failed", asOf),
		};
	}

	#countOf({ teamId, name }: QueueKey, status: TaskStatus, asOf: number): QueueCount {
		const [count] = this.#count.get(status, teamId, name) as unknown as [number];
		return { count, exact: count < COUNTED, asOf };
	}
}
