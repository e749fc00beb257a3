import { type BilledUnitName, type Usage, usageOf } from "./billed-units.ts";

/** What has been used so far. */
export class Tally {
	readonly #amounts = new Map<BilledUnitName, number>();

	add(unit: BilledUnitName, amount = 1): void {
		this.#amounts.set(unit, (this.#amounts.get(unit) ?? 0) + amount);
	}

	usage(): Usage {
		return usageOf((unit) => this.#amounts.get(unit) ?? 0);
	}

	reset(): void {
		this.#amounts.clear();
	}
}
