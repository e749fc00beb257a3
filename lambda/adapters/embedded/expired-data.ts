import type { StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "./database.ts";
import type { SqliteJobStore } from "./sqlite-job-store.ts";

/** Tasks looked at in one turn of the event loop: a few milliseconds of work. */
const TASKS_A_TURN = 1_000;

const FINISHED = ["completed", "failed", "cancelled"] as const;

/** An entry of the index `tasks_by_status`, and whether its task has expired. */
type Entry = readonly [teamId: string, queue: string, id: string, expired: 0 | 1];

/** Deletes what was kept for long enough. Nobody waits for that, so it is done lazily and a little at a time. */
export class ExpiredData {
	readonly #database: Database;
	readonly #jobs: SqliteJobStore;
	readonly #entries: StatementSync;
	readonly #deleteTask: StatementSync;
	readonly #deletePayload: StatementSync;

	constructor(database: Database, jobs: SqliteJobStore) {
		this.#database = database;
		this.#jobs = jobs;
		this.#entries = database.prepare(
			`SELECT team_id, queue, id, coalesce(expires_at <= ?, 0) FROM tasks
			WHERE status = ? AND (team_id, queue, id) > (?, ?, ?)
			ORDER BY team_id, queue, id LIMIT ${TASKS_A_TURN}`,
		);
		this.#entries.setReturnArrays(true);
		this.#deleteTask = database.prepare("DELETE FROM tasks WHERE team_id = ? AND id = ?");
		this.#deletePayload = database.prepare("DELETE FROM payloads WHERE team_id = ? AND task_id = ?");
	}

	/** Deletes what has expired at `now` (epoch ms), and old jobs, while it may; returns how many tasks. */
	async prune(now: number, mayContinue: () => boolean): Promise<number> {
		this.#jobs.prune(now);
		let deleted = 0;
		for (const status of FINISHED) {
			let last: Entry | undefined = ["", "", "", 0];
			while (last && mayContinue()) {
				const [teamId, queue, id]: Entry = last;
				const entries = this.#entries.all(now, status, teamId, queue, id) as unknown as Entry[];
				deleted += this.#delete(entries.filter(([, , , expired]) => expired));
				last = entries.length < TASKS_A_TURN ? undefined : entries.at(-1);
				await nextTurn();
			}
		}
		return deleted;
	}

	#delete(entries: readonly Entry[]): number {
		if (entries.length === 0) return 0;
		this.#database.lazy(() =>
			this.#database.allOrNothing(() => {
				for (const [teamId, , id] of entries) {
					this.#deleteTask.run(teamId, id);
					this.#deletePayload.run(teamId, id);
				}
			}),
		);
		return entries.length;
	}
}
