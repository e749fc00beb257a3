import type { StatementSync } from "node:sqlite";
import type { Database } from "./database.ts";

/** Highest first. */
const PRIORITIES = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/**
 * Remembers when the next message of each priority becomes visible: asking the database for each of them takes
 * longer than everything else that delivering a message does, and is done after every commit.
 */
export class MessageTimes {
	readonly #database: Database;
	readonly #select: StatementSync;
	/** By priority; null when there is no message, undefined when not known. */
	readonly #known: (number | null | undefined)[] = [];
	#rollbacks: number;

	constructor(database: Database) {
		this.#database = database;
		this.#rollbacks = database.rollbacks;
		this.#select = database.prepare("SELECT min(visible_at) AS instant FROM messages WHERE priority = ?");
	}

	/** A message was sent. */
	added(priority: number, visibleAt: number): void {
		const known = this.#known[priority];
		if (known === null || (known !== undefined && visibleAt < known)) this.#known[priority] = visibleAt;
	}

	/** Messages were hidden or deleted. */
	changed(): void {
		for (const priority of PRIORITIES) if (this.#known[priority] !== null) this.#known[priority] = undefined;
	}

	/** The highest priority that has a message visible at `now`. */
	highestVisible(now: number): number | undefined {
		return PRIORITIES.find((priority) => this.#next(priority) <= now);
	}

	/** The earliest instant of all, Infinity without messages. */
	earliest(): number {
		return Math.min(...PRIORITIES.map((priority) => this.#next(priority)));
	}

	#next(priority: number): number {
		if (this.#rollbacks !== this.#database.rollbacks) {
			this.#rollbacks = this.#database.rollbacks;
			this.#known.length = 0;
		}
		let known = this.#known[priority];
		if (known === undefined) {
			known = this.#select.get(priority)?.["instant"] as number | null;
			this.#known[priority] = known;
		}
		return known ?? Number.POSITIVE_INFINITY;
	}
}
