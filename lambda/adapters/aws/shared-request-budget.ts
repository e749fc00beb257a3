import {
	afterReserving,
	type BudgetShare,
	EMPTY_SHARE,
	type Reservation,
	type ReservationAnswer,
	shareIn,
	shareStep,
} from "../../core/budget-share.ts";
import { type Admission, slotAt } from "../../core/request-budget.ts";
import type { RequestLimit } from "../../core/request-limit.ts";
import type { Clock, Log, Timer } from "../../ports.ts";
import type { RequestBudget } from "../../request-budget.ts";

/** Far more than the few milliseconds that a write takes, and little beside the 10 s that the SDK would try for. */
const PATIENCE_MS = 1_000;

/** After a failure requests go through without asking for this long, so that an outage does not slow each of them. */
const OPEN_MS = 5_000;

/** Only a slot that ends, or another process that takes something, makes a reservation fail. */
const MAX_TRIES = 10;

/** Teams that a process remembers its shares of; those that asked last. Forgetting one only loses what it reserved. */
const MAX_TEAMS = 2_000;

/** Where the processes of a deployment meet. */
export type BudgetSheets = Readonly<{
	reserve(teamId: string, reservation: Reservation): Promise<ReservationAnswer>;
}>;

type Options = Readonly<{
	limit: RequestLimit;
	sheets: BudgetSheets;
	clock: Clock;
	timer: Timer;
	log: Log;
}>;

/** What this process knows of a team: one request of a team asks at a time. */
type Team = { share: BudgetShare; turn: Promise<unknown>; openUntil: number };

const newTeam = (): Team => ({ share: EMPTY_SHARE, turn: Promise.resolve(), openUntil: 0 });

/** The budgets of a world with many processes: each reserves part of a team's budget and counts on its own. */
export class SharedRequestBudget implements RequestBudget {
	readonly limit: RequestLimit;
	readonly #options: Options;
	/** In the order of their last request. */
	readonly #teams = new Map<string, Team>();

	constructor(options: Options) {
		this.limit = options.limit;
		this.#options = options;
	}

	take(teamId: string, units: number): Promise<Admission> {
		const team = this.#recent(teamId);
		const admission = team.turn.then(() => this.#takeOrOpen(teamId, team, units));
		team.turn = admission;
		return admission;
	}

	async #takeOrOpen(teamId: string, team: Team, units: number): Promise<Admission> {
		const { clock, log } = this.#options;
		if (clock.now() < team.openUntil) return { admitted: true, budget: undefined };
		try {
			return await this.#take(teamId, team, units);
		} catch (error) {
			team.openUntil = clock.now() + OPEN_MS;
			log.error("api.limiter_failed", { team_id: teamId, open_ms: OPEN_MS, error });
			return { admitted: true, budget: undefined };
		}
	}

	async #take(teamId: string, team: Team, units: number): Promise<Admission> {
		const { limit, sheets, clock } = this.#options;
		team.share = shareIn(team.share, slotAt(limit, clock.now()));
		for (let tries = 0; tries < MAX_TRIES; tries += 1) {
			const step = shareStep(team.share, limit, units, tries);
			if (step.kind === "answer") {
				team.share = step.share;
				return step.admission;
			}
			const { reservation } = step;
			const answer = await this.#patiently(sheets.reserve(teamId, reservation));
			team.share = afterReserving(team.share, reservation, answer);
		}
		throw new Error(`No reservation in ${MAX_TRIES} tries`);
	}

	/** Throws when the answer takes too long. If the reservation is made all the same, it is lost. */
	async #patiently(answer: Promise<ReservationAnswer>): Promise<ReservationAnswer> {
		const answered = new AbortController();
		const tooLate = this.#options.timer.sleep(PATIENCE_MS, answered.signal).then(() => {
			throw new Error(`No answer within ${PATIENCE_MS} ms`);
		});
		try {
			return await Promise.race([answer, tooLate]);
		} finally {
			answered.abort();
		}
	}

	#recent(teamId: string): Team {
		const team = this.#teams.get(teamId) ?? newTeam();
		this.#teams.delete(teamId);
		this.#teams.set(teamId, team);
		const [oldest] = this.#teams.keys();
		if (this.#teams.size > MAX_TEAMS && oldest !== undefined) this.#teams.delete(oldest);
		return team;
	}
}
