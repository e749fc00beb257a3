import { type Queue, QueueSettings } from "../../core/queue.ts";
import type { QueueStore } from "../../ports.ts";
import type { Database } from "./database.ts";

type QueueRow = Readonly<{ settings: string; created_at: number; updated_at: number }>;

const INSERT =
	"INSERT INTO queues (team_id, name, settings, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO";

const statements = (database: Database) => ({
	select: database.prepare(
		"SELECT settings, created_at, updated_at FROM queues WHERE team_id = ? AND name = ?",
	),
	insert: database.prepare(`${INSERT} NOTHING`),
	upsert: database.prepare(
		`${INSERT} UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at`,
	),
});

/** Queues in SQLite. */
export class SqliteQueueStore implements QueueStore {
	readonly #database: Database;
	readonly #statements: ReturnType<typeof statements>;

	constructor(database: Database) {
		this.#database = database;
		this.#statements = statements(database);
	}

	async get(teamId: string, name: string): Promise<Queue | undefined> {
		return this.#get(teamId, name);
	}

	async create(queue: Queue): Promise<Queue> {
		return this.#write("insert", queue);
	}

	async put(queue: Queue): Promise<Queue> {
		return this.#write("upsert", queue);
	}

	#write(how: "insert" | "upsert", { teamId, name, settings, createdAt, updatedAt }: Queue): Queue {
		const text = JSON.stringify(settings);
		this.#database.durable(() => this.#statements[how].run(teamId, name, text, createdAt, updatedAt));
		return this.#get(teamId, name) as Queue;
	}

	#get(teamId: string, name: string): Queue | undefined {
		const row = this.#statements.select.get(teamId, name) as unknown as QueueRow | undefined;
		return (
			row && {
				teamId,
				name,
				// Parsing gives settings that are newer than the row their default.
				settings: QueueSettings.parse(JSON.parse(row.settings)),
				createdAt: row.created_at,
				updatedAt: row.updated_at,
			}
		);
	}
}
