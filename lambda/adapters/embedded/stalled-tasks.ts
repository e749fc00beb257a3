import type { StatementSync } from "node:sqlite";
import * as z from "zod";
import type { StalledPage } from "../../ports.ts";
import type { Database } from "./database.ts";
import { fromRow, TASK_SELECTION, type TaskRow } from "./task-row.ts";

/** Tasks looked at for one page: a few milliseconds of work, so that a walk does not hold up everything else. */
const TASKS_A_PAGE = 1_000;

/** The statuses in which a task can be stalled, in the order of the walk. */
const Status = z.enum(["active", "pending"]);

/** Where the walk goes on: after this entry of the index `tasks_by_status`. */
const Position = z.tuple([Status, z.string(), z.string(), z.string()]);
type Position = Readonly<z.infer<typeof Position>>;

const START: Position = ["active", "", "", ""];

/** Walks over all teams' unfinished tasks in search of those that should have moved. */
export class StalledTasks {
	readonly #entries: StatementSync;
	readonly #stalled: StatementSync;

	constructor(database: Database) {
		this.#entries = database.prepare(
			`SELECT status, team_id, queue, id FROM tasks
			WHERE status = ? AND (team_id, queue, id) > (?, ?, ?) ORDER BY team_id, queue, id LIMIT ${TASKS_A_PAGE}`,
		);
		this.#stalled = database.prepare(
			`SELECT ${TASK_SELECTION} FROM tasks WHERE team_id = ? AND id = ?
			AND (status = 'pending' AND due_at < ? OR status = 'active' AND lease_until < ?)`,
		);
		for (const statement of [this.#entries, this.#stalled]) statement.setReturnArrays(true);
	}

	page(before: number, cursor: string | undefined): StalledPage {
		const from = cursor === undefined ? START : Position.parse(JSON.parse(cursor));
		const entries = this.#entries.all(...from) as unknown as Position[];
		const tasks = entries.flatMap(([, teamId, , id]) => {
			const row = this.#stalled.get(teamId, id, before, before) as unknown as TaskRow | undefined;
			return row ? [fromRow(row)] : [];
		});
		const next = entries.length < TASKS_A_PAGE ? endOf(from[0]) : entries.at(-1);
		return { tasks, nextCursor: next && JSON.stringify(next) };
	}
}

/** Where the walk goes on when it has seen the last task in `status`. */
const endOf = (status: Position[0]): Position | undefined =>
	status === "active" ? ["pending", "", "", ""] : undefined;
