import type { Database } from "./database.ts";

/** The tables `…_messages` and `dead_…_messages`. */
export type MessageTable = "delivery" | "work";

/** Messages made ready at a time: ten times as many as are taken at a time, and few enough to hold up nobody. */
const PROMOTED_AT_ONCE = 100;

/** What happens to messages, for one of their tables. */
export const messageStatements = (database: Database, table: MessageTable) => {
	const messages = `${table}_messages`;
	const statements = {
		insert: database.prepare(
			`INSERT INTO ${messages} (id, team_id, queue, rank, priority, ready, visible_at, body, sent_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		),
		// `+ 0`: see task-listing.ts.
		ready: database.prepare(
			`SELECT id, priority, body, sent_at, receive_count, first_received_at FROM ${messages}
			WHERE ready = 1 AND team_id = ? AND queue = ? ORDER BY rank, id LIMIT ? + 0`,
		),
		nextReadyQueue: database.prepare(
			`SELECT team_id, queue FROM ${messages} WHERE ready = 1 AND (team_id, queue) > (?, ?)
			ORDER BY team_id, queue LIMIT 1`,
		),
		nextVisibleAt: database.prepare(`SELECT min(visible_at) FROM ${messages} WHERE ready = 0`),
		promote: database.prepare(
			`UPDATE ${messages} SET ready = 1 WHERE id IN (
				SELECT id FROM ${messages} WHERE ready = 0 AND visible_at <= ? ORDER BY visible_at LIMIT ${PROMOTED_AT_ONCE}
			) RETURNING id, team_id, queue`,
		),
		hideAgain: database.prepare(`UPDATE ${messages} SET ready = 0, visible_at = ? WHERE id = ?`),
		lease: database.prepare(
			`UPDATE ${messages} SET ready = 0, visible_at = ?, receive_count = receive_count + 1,
			first_received_at = coalesce(first_received_at, ?) WHERE id = ?`,
		),
		delete: database.prepare(`DELETE FROM ${messages} WHERE id = ?`),
		bury: database.prepare(
			`INSERT INTO dead_${messages} (id, body, sent_at, receive_count, first_received_at, died_at)
			SELECT id, body, sent_at, receive_count, first_received_at, ? FROM ${messages} WHERE id = ?`,
		),
		dead: database.prepare(
			`SELECT id, body, sent_at AS sentAt, receive_count AS receiveCount, first_received_at AS firstReceivedAt,
				died_at AS diedAt FROM dead_${messages} ORDER BY id`,
		),
		deleteDead: database.prepare(`DELETE FROM dead_${messages} WHERE id = ?`),
		release: database.prepare(
			`UPDATE ${messages} SET visible_at = ? WHERE ready = 0 AND receive_count > 0 AND visible_at > ?`,
		),
		lastId: database.prepare(
			`SELECT max(coalesce((SELECT max(id) FROM ${messages}), 0),
				coalesce((SELECT max(id) FROM dead_${messages}), 0))`,
		),
	};
	for (const each of ["ready", "nextReadyQueue", "nextVisibleAt", "promote", "lastId"] as const)
		statements[each].setReturnArrays(true);
	return statements;
};

export type MessageStatements = ReturnType<typeof messageStatements>;

/** A row of `promote`. */
export type PromotedRow = readonly [id: number, teamId: string, queue: string];

/** A row of `ready`. */
export type ReadyRow = readonly [
	id: number,
	priority: number,
	body: string,
	sentAt: number,
	receiveCount: number,
	firstReceivedAt: number | null,
];
