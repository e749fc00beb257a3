import type { StatementSync } from "node:sqlite";
import * as z from "zod";
import type { DeliveryMessage } from "../../core/delivery-message.ts";
import type { JobKey } from "../../core/job.ts";
import type { StalledPage } from "../../ports.ts";
import type { Database } from "./database.ts";

/** Tasks or jobs looked at for one page: a few milliseconds of work, so that a walk does not hold up everything else. */
const PAGE_SIZE = 1_000;

/** What can be stalled, in the order of the walk: the tasks of two statuses, then the jobs. */
const Stage = z.enum(["active", "pending", "jobs"]);
type Stage = z.infer<typeof Stage>;

/** Where the walk goes on: in this stage, after this team, queue and id. */
const Position = z.tuple([Stage, z.string(), z.string(), z.string()]);

type Place = readonly [teamId: string, queue: string, id: string];

type StalledRow = readonly [priority: number, attempt: number, dueAt: number];

const BEFORE_ALL: Place = ["", "", ""];

const statements = (database: Database) => {
	const places = (from: string): StatementSync =>
		database.prepare(
			`SELECT team_id, queue, id FROM ${from} (team_id, queue, id) > (?, ?, ?)
			ORDER BY team_id, queue, id LIMIT ${PAGE_SIZE}`,
		);
	return {
		active: places("tasks WHERE status = 'active' AND"),
		pending: places("tasks WHERE status = 'pending' AND"),
		jobs: places("jobs WHERE"),
		stalledTask: database.prepare(
			`SELECT priority, attempt, due_at FROM tasks WHERE team_id = ? AND id = ?
			AND (status = 'pending' AND due_at < ? OR status = 'active' AND lease_until < ?)`,
		),
		stalledJob: database.prepare(
			`SELECT 1 FROM jobs WHERE team_id = ? AND queue = ? AND id = ?
			AND finished_at IS NULL AND job ->> '$.updatedAt' < ?`,
		),
	};
};

/** Walks over all teams' unfinished tasks, and their jobs, in search of those that should have moved. */
export class StalledWork {
	readonly #statements: ReturnType<typeof statements>;

	constructor(database: Database) {
		this.#statements = statements(database);
		for (const statement of Object.values(this.#statements)) statement.setReturnArrays(true);
	}

	page(before: number, cursor: string | undefined): StalledPage {
		const from = cursor === undefined ? undefined : Position.parse(JSON.parse(cursor));
		const [stage, ...after] = from ?? ["active", ...BEFORE_ALL];
		const places = this.#statements[stage].all(...after) as unknown as Place[];
		const isJobs = stage === "jobs";
		const last = places.length < PAGE_SIZE ? undefined : places.at(-1);
		const next = last ? [stage, ...last] : startAfter(stage);
		return {
			messages: isJobs ? [] : places.flatMap((place) => this.#messageFor(place, before) ?? []),
			jobs: isJobs ? places.flatMap((place) => this.#jobAt(place, before) ?? []) : [],
			nextCursor: next && JSON.stringify(next),
		};
	}

	#messageFor([team_id, queue, task_id]: Place, before: number): DeliveryMessage | undefined {
		const { stalledTask } = this.#statements;
		const row = stalledTask.get(team_id, task_id, before, before) as unknown as StalledRow | undefined;
		if (!row) return undefined;
		const [priority, attempt, due_at] = row;
		return { team_id, task_id, queue, priority, attempt, due_at };
	}

	#jobAt([teamId, name, jobId]: Place, before: number): JobKey | undefined {
		const isStalled = this.#statements.stalledJob.get(teamId, name, jobId, before) !== undefined;
		return isStalled ? { queue: { teamId, name }, jobId } : undefined;
	}
}

/** Where the walk goes on when it has seen all of a stage. */
const startAfter = (stage: Stage): readonly [Stage, ...Place] | undefined => {
	const next = Stage.options[Stage.options.indexOf(stage) + 1];
	return next && [next, ...BEFORE_ALL];
};
