import { EMPTY_SHEET, type PumpSheet } from "../../core/pump-sheet.ts";
import type { QueueKey } from "../../core/queue.ts";
import type { PumpSheetStore } from "../../ports.ts";
import type { Database } from "./database.ts";
import type { HeldSeats } from "./held-seats.ts";

type SheetRow = Readonly<{ team_id: string; queue: string; version: number; sheet: string }>;

const statements = (database: Database) => ({
	select: database.prepare("SELECT version, sheet FROM pump_sheets WHERE team_id = ? AND queue = ?"),
	selectAll: database.prepare("SELECT team_id, queue, version, sheet FROM pump_sheets"),
	insert: database.prepare(
		"INSERT INTO pump_sheets (team_id, queue, version, sheet) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING",
	),
	update: database.prepare(
		`UPDATE pump_sheets SET version = version + 1, sheet = ?
		WHERE team_id = ? AND queue = ? AND version = ?`,
	),
});

/** Pump sheets in SQLite, as JSON beside their version. */
export class SqlitePumpSheetStore implements PumpSheetStore {
	readonly #database: Database;
	readonly #statements: ReturnType<typeof statements>;

	readonly #held: HeldSeats | undefined;

	/** With `held`, leases last by its steady clock as well as by the wall clock. */
	constructor(database: Database, held?: HeldSeats) {
		this.#database = database;
		this.#held = held;
		this.#statements = statements(database);
	}

	async read({ teamId, name }: QueueKey): Promise<PumpSheet> {
		const row = this.#statements.select.get(teamId, name) as unknown as SheetRow | undefined;
		const sheet = row ? toSheet(row) : EMPTY_SHEET;
		return this.#held?.withLeases(nameOf({ teamId, name }), sheet) ?? sheet;
	}

	async write(queue: QueueKey, sheet: PumpSheet): Promise<boolean> {
		const written = this.#database.lazy(() => this.#write(queue, sheet));
		if (written) this.#held?.note(nameOf(queue), sheet);
		return written;
	}

	/** Frees every seat: at start, when whoever had one is dead. What was announced stays, as do the messages for it. */
	releaseLeases(): void {
		const rows = this.#statements.selectAll.all() as unknown as SheetRow[];
		this.#database.lazy(() => {
			for (const row of rows) {
				const sheet = toSheet(row);
				const seats = sheet.seats.map((seat) => ({ ...seat, owner: "", leaseUntil: 0 }));
				this.#write({ teamId: row.team_id, name: row.queue }, { ...sheet, seats });
			}
		});
	}

	#write({ teamId, name }: QueueKey, { version, ...rest }: PumpSheet): boolean {
		const text = JSON.stringify(rest);
		const { changes } =
			version === EMPTY_SHEET.version
				? this.#statements.insert.run(teamId, name, text)
				: this.#statements.update.run(text, teamId, name, version);
		return changes === 1;
	}
}

const nameOf = ({ teamId, name }: QueueKey): string => `${teamId}/${name}`;

const toSheet = ({ version, sheet }: SheetRow): PumpSheet => ({ ...JSON.parse(sheet), version });
