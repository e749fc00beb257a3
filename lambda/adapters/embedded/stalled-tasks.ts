import type { StatementSync } from "node:sqlite";
import * as z from "zod";
import type { StalledPage } from "../../ports.ts";
import type { Database } from "./database.ts";

/** Tasks looked at for one page: a few milliseconds of work, so that a walk does not hold up everything else. */
const TASKS_A_PAGE = 1_000;

/** The statuses in which a task can be stalled, in the order of the walk. */
const Status = z.enum(["active", "pending"]);

/** Where the walk goes on: after this entry of the index `tasks_by_status`. */
const Position = z.tuple([Status, z.string(), z.string(), z.string()]);
type Position = Readonly<z.infer<typeof Position>>;

type StalledRow = readonly [priority: number, attempt: number, dueAt: number];

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
			`SELECT priority, attempt, due_at FROM tasks WHERE team_id = ? AND id = ?
			AND (status = 'pending' AND due_at < ? OR status = 'active' AND lease_until < ?)`,
		);
		for (const statement of [this.#entries, this.#stalled]) statement.setReturnArrays(true);
	}

	page(before: number, cursor: string | undefined): StalledPage {
		const from = cursor === undefined ? START : Position.parse(JSON.parse(cursor));
		const entries = this.#entries.all(...from) as unknown as Position[];
		const messages = entries.flatMap(([, team_id, queue, task_id]) => {
			const row = this.#stalled.get(team_id, task_id, before, before) as unknown as StalledRow | undefined;
			if (!row) return [];
			const [priority, attempt, due_at] = row;
			return [{ team_id, task_id, queue, priority, attempt, due_at }];
		});
		const next = entries.length < TASKS_A_PAGE ? endOf(from[0]) : entries.at(-1);
		return { messages, nextCursor: next && JSON.stringify(next) };
	}
}

/** Where the walk goes on when it has seen the last task in `status`. */
const endOf = (status: Position[0]): Position | undefined =>
	status === "active" ? ["pending", "", "", ""] : undefined;
