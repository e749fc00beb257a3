import {
	type Admission,
	type BudgetSheet,
	budgetState,
	handOut,
	refusal,
	SLOTS,
	sheetIn,
	slotAt,
} from "../../core/request-budget.ts";
import type { RequestLimit } from "../../core/request-limit.ts";
import type { Clock } from "../../ports.ts";
import type { RequestBudget } from "../../request-budget.ts";

/** Teams beyond which those are forgotten that have their whole budget again. */
const MANY_TEAMS = 1_000;

/** The budgets of a world that has one process: in its memory, so a restart begins anew. */
export class MemoryRequestBudget implements RequestBudget {
	readonly limit: RequestLimit;
	readonly #clock: Clock;
	readonly #sheets = new Map<string, BudgetSheet>();

	constructor(limit: RequestLimit, clock: Clock) {
		this.limit = limit;
		this.#clock = clock;
	}

	async take(teamId: string, units: number): Promise<Admission> {
		const slot = slotAt(this.limit, this.#clock.now());
		const sheet = sheetIn(this.#sheets.get(teamId), this.limit, slot);
		if (sheet.left < units) return refusal(sheet, this.limit, units);
		const after = handOut(sheet, units);
		this.#sheets.set(teamId, after);
		if (this.#sheets.size > MANY_TEAMS) this.#forgetBefore(slot - SLOTS);
		return { admitted: true, budget: budgetState(after, this.limit) };
	}

	#forgetBefore(slot: number): void {
		for (const [teamId, sheet] of this.#sheets) if (sheet.slot < slot) this.#sheets.delete(teamId);
	}
}
