import { JOB_KEPT_MS, type Job, type JobKey } from "../../core/job.ts";
import type { JobStore } from "../../ports.ts";
import type { Database } from "./database.ts";

type JobRow = Readonly<{ version: number; job: string }>;

const statements = (database: Database) => ({
	insert: database.prepare(
		"INSERT INTO jobs (team_id, queue, id, version, finished_at, job) VALUES (?, ?, ?, ?, ?, ?)",
	),
	select: database.prepare("SELECT version, job FROM jobs WHERE team_id = ? AND queue = ? AND id = ?"),
	update: database.prepare(
		`UPDATE jobs SET version = version + 1, finished_at = ?, job = ?
		WHERE team_id = ? AND queue = ? AND id = ? AND version = ?`,
	),
	prune: database.prepare("DELETE FROM jobs WHERE finished_at <= ?"),
});

/** Bulk jobs in SQLite, as JSON beside their version. */
export class SqliteJobStore implements JobStore {
	readonly #database: Database;
	readonly #statements: ReturnType<typeof statements>;

	constructor(database: Database) {
		this.#database = database;
		this.#statements = statements(database);
	}

	async create(job: Job): Promise<void> {
		const { teamId, queue, id, version, finishedAt = null } = job;
		this.#database.durable(() =>
			this.#statements.insert.run(teamId, queue, id, version, finishedAt, JSON.stringify(job)),
		);
	}

	async get({ queue, jobId }: JobKey): Promise<Job | undefined> {
		const row = this.#statements.select.get(queue.teamId, queue.name, jobId) as unknown as JobRow | undefined;
		return row && { ...JSON.parse(row.job), version: row.version };
	}

	async replace(job: Job): Promise<boolean> {
		const { teamId, queue, id, version, finishedAt = null } = job;
		const text = JSON.stringify(job);
		return this.#database.lazy(
			() => this.#statements.update.run(finishedAt, text, teamId, queue, id, version).changes === 1,
		);
	}

	/** Deletes jobs that finished a week before `now` (epoch ms) or earlier; returns how many. */
	prune(now: number): number {
		return this.#database.lazy(() => Number(this.#statements.prune.run(now - JOB_KEPT_MS).changes));
	}
}
