import type { SQLInputValue } from "node:sqlite";
import { type Queue, type QueueKey, type QueueNotes, QueueSettings } from "../../core/queue.ts";
import type { QueueStore } from "../../ports.ts";
import type { Database } from "./database.ts";

type QueueRow = Readonly<{
	name: string;
	settings: string;
	created_at: number;
	updated_at: number;
	held_until: number | null;
	slow_at: number | null;
	quick_at: number | null;
}>;

const SELECT =
	"SELECT name, settings, created_at, updated_at, held_until, slow_at, quick_at FROM queues WHERE team_id = ?";

const INSERT =
	"INSERT INTO queues (team_id, name, settings, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO";

const statements = (database: Database) => ({
	select: database.prepare(`${SELECT} AND name = ?`),
	list: database.prepare(`${SELECT} ORDER BY name`),
	insert: database.prepare(`${INSERT} NOTHING`),
	upsert: database.prepare(
		`${INSERT} UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at`,
	),
	replace: database.prepare(
		"UPDATE queues SET settings = ?, updated_at = ? WHERE team_id = ? AND name = ? AND updated_at = ?",
	),
	note: database.prepare(
		`UPDATE queues SET slow_at = coalesce(?, slow_at), quick_at = coalesce(?, quick_at)
		WHERE team_id = ? AND name = ?`,
	),
	hold: database.prepare(
		"UPDATE queues SET held_until = max(coalesce(held_until, 0), ?) WHERE team_id = ? AND name = ?",
	),
	endHold: database.prepare("UPDATE queues SET held_until = 0 WHERE team_id = ? AND name = ?"),
	delete: database.prepare("DELETE FROM queues WHERE team_id = ? AND name = ?"),
});

type Statements = ReturnType<typeof statements>;

/** Queues in SQLite. This process alone writes them, so every read is fresh and every write in force at once. */
export class SqliteQueueStore implements QueueStore {
	readonly #database: Database;
	readonly #statements: Statements;

	constructor(database: Database) {
		this.#database = database;
		this.#statements = statements(database);
	}

	async get(teamId: string, name: string): Promise<Queue | undefined> {
		return this.#get(teamId, name);
	}

	async getFresh(teamId: string, name: string): Promise<Queue | undefined> {
		return this.#get(teamId, name);
	}

	async list(teamId: string): Promise<readonly Queue[]> {
		const rows = this.#statements.list.all(teamId) as unknown as QueueRow[];
		return rows.map((row) => fromRow(teamId, row));
	}

	async create({ teamId, name, settings, createdAt, updatedAt }: Queue): Promise<Queue> {
		this.#write("insert", teamId, name, JSON.stringify(settings), createdAt, updatedAt);
		return this.#get(teamId, name) as Queue;
	}

	async put({ teamId, name, settings, createdAt, updatedAt }: Queue): Promise<Queue> {
		this.#write("upsert", teamId, name, JSON.stringify(settings), createdAt, updatedAt);
		return this.#get(teamId, name) as Queue;
	}

	async replace(
		{ teamId, name, settings, updatedAt }: Queue,
		ifUpdatedAt: number,
	): Promise<Queue | undefined> {
		const text = JSON.stringify(settings);
		const replaced = this.#write("replace", text, updatedAt, teamId, name, ifUpdatedAt);
		return replaced ? this.#get(teamId, name) : undefined;
	}

	async note({ teamId, name }: QueueKey, { slowAt, quickAt }: QueueNotes): Promise<void> {
		this.#database.lazy(() => this.#statements.note.run(slowAt ?? null, quickAt ?? null, teamId, name));
	}

	async hold({ teamId, name }: QueueKey, until: number): Promise<Queue | undefined> {
		this.#database.lazy(() => this.#statements.hold.run(until, teamId, name));
		return this.#get(teamId, name);
	}

	async endHold({ teamId, name }: QueueKey): Promise<void> {
		this.#database.lazy(() => this.#statements.endHold.run(teamId, name));
	}

	async remove({ teamId, name }: QueueKey): Promise<void> {
		this.#write("delete", teamId, name);
	}

	async inForce(): Promise<void> {}

	/** Whether the statement changed its one row. */
	#write(how: keyof Statements, ...values: SQLInputValue[]): boolean {
		return this.#database.durable(() => this.#statements[how].run(...values).changes === 1);
	}

	#get(teamId: string, name: string): Queue | undefined {
		const row = this.#statements.select.get(teamId, name) as unknown as QueueRow | undefined;
		return row && fromRow(teamId, row);
	}
}

const fromRow = (teamId: string, row: QueueRow): Queue => ({
	teamId,
	name: row.name,
	// Parsing gives settings that are newer than the row their default.
	settings: QueueSettings.parse(JSON.parse(row.settings)),
	createdAt: row.created_at,
	updatedAt: row.updated_at,
	heldUntil: row.held_until ?? undefined,
	slowAt: row.slow_at ?? undefined,
	quickAt: row.quick_at ?? undefined,
});
