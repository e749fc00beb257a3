import { BILLED_UNIT_NAMES, type BilledUnitName, billedUnits, type Usage, usageOf } from "./billed-units.ts";
import { type PriceName, prices } from "./prices.ts";

/** Dollars per million tasks: in all, and for each billed unit. */
export type Bill = Readonly<{ total: number; lines: Usage }>;

export type PriceTable = Readonly<Record<PriceName, Readonly<{ usdPerMillion: number }>>>;

/** What a million tasks cost that use `perTask` each. */
export const priceOf = (perTask: Usage, table: PriceTable = prices): Bill => {
	const lineOf = (unit: BilledUnitName) => perTask[unit] * table[billedUnits[unit].price].usdPerMillion;
	const lines = usageOf(lineOf);
	return { total: BILLED_UNIT_NAMES.reduce((sum, unit) => sum + lines[unit], 0), lines };
};
