import { type JudgedBar, judgeBars, type Usages } from "./bars.ts";
import { BILLED_UNIT_NAMES, type BilledUnitName, billedUnits, type Usage } from "./billed-units.ts";
import { CASE_NAMES, costCases } from "./cases.ts";
import { listPrices } from "./list-prices.ts";
import { priceOf } from "./price-of.ts";

/** Aligned columns: words to the left, figures to the right. */
const aligned = (rows: readonly (readonly string[])[], leftColumns: readonly number[] = [0]): string => {
	const columns = Math.max(...rows.map((row) => row.length));
	const widths = Array.from({ length: columns }, (_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	const cell = (text: string, column: number): string => {
		const width = widths[column] ?? 0;
		return leftColumns.includes(column) ? text.padEnd(width) : text.padStart(width);
	};
	return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
};

const dollars = (value: number): string => value.toFixed(2);
const figure = (value: number, digits: number): string => (value === 0 ? "–" : value.toFixed(digits));

const unitRow = (unit: BilledUnitName, perCase: readonly Usage[], digits: number): string[] => [
	billedUnits[unit].label,
	...perCase.map((usage) => figure(usage[unit], digits)),
];

/** What a task uses of everything, and what a million of them cost. */
const formatCases = (usages: Usages): string => {
	const perCase = CASE_NAMES.map((name) => usages[name]);
	const bills = perCase.map((usage) => priceOf(usage));
	const headings = CASE_NAMES.map((name) => costCases[name].label);
	return aligned([
		["per task", ...headings],
		...BILLED_UNIT_NAMES.map((unit) => unitRow(unit, perCase, billedUnits[unit].digits)),
		[""],
		["$ per million delivered tasks", ...headings],
		...BILLED_UNIT_NAMES.map((unit) =>
			unitRow(
				unit,
				bills.map(({ lines }) => lines),
				2,
			),
		),
		["total", ...bills.map(({ total }) => dollars(total))],
	]);
};

const formatListPrices = ({ single, batch }: Usages): string => {
	const ours = [
		{ name: "AsyncQueue, single create", usdPerMillion: priceOf(single).total, how: "as above" },
		{ name: "AsyncQueue, batch-10 create", usdPerMillion: priceOf(batch).total, how: "as above" },
	];
	const all = [...ours, ...listPrices].sort((a, b) => a.usdPerMillion - b.usdPerMillion);
	return aligned(
		[
			["list prices", "$ per million", ""],
			...all.map(({ name, usdPerMillion, how }) => [name, dollars(usdPerMillion), how]),
		],
		[0, 2],
	);
};

const barRow = ({ label, value, most, verdict }: JudgedBar): string[] => [
	label,
	dollars(value),
	`≤ ${most}`,
	verdict,
];

const formatBars = (usages: Usages): string =>
	aligned([["bars", "measured", "bar", ""], ...judgeBars(usages).map(barRow)], [0, 3]);

export const formatReport = (usages: Usages): string =>
	[formatCases(usages), formatListPrices(usages), formatBars(usages)].join("\n\n");
