import type { Figures } from "./figures.ts";
import type { LoadName } from "./loads.ts";
import type { Machine } from "./machine.ts";
import { type Bar, type Row, rows } from "./report-rows.ts";
import { median } from "./statistics.ts";
import type { SubjectName } from "./subject.ts";

/** The figures of one measurement. */
export type Measured = Readonly<{ run: number; load: LoadName; subject: SubjectName; figures: Figures }>;

export type ReportLine = Readonly<{
	figure: string;
	label: string;
	product: readonly number[];
	floor: readonly number[];
	/** Median of product ÷ floor, run by run. A promise has none: it holds or it does not. */
	floorShare: number | undefined;
	bar: Bar | undefined;
	verdict: "ok" | "short of bar" | undefined;
}>;

const valuesOf = (measured: readonly Measured[], { load, figure }: Row, subject: SubjectName): number[] =>
	measured
		.filter((each) => each.load === load && each.subject === subject)
		.map(({ figures }) => figures[figure])
		.filter((value) => value !== undefined);

const holds = (bar: Bar, values: readonly number[], floorShare: number | undefined): boolean => {
	const { most = Infinity, least = -Infinity, leastFloorShare = 0 } = bar;
	return (
		values.every((value) => value <= most && value >= least) && (floorShare ?? Infinity) >= leastFloorShare
	);
};

const lineFor = (measured: readonly Measured[], row: Row): ReportLine => {
	const product = valuesOf(measured, row, "product");
	const floor = valuesOf(measured, row, "floor");
	const shares = product.map((value, run) => value / (floor[run] ?? Number.NaN));
	const floorShare = floor.length === 0 || row.isPromise ? undefined : median(shares);
	const judged = row.isPromise ? product : [median(product)];
	const canJudge = row.bar && !judged.some(Number.isNaN);
	const verdict = canJudge ? (holds(row.bar, judged, floorShare) ? "ok" : "short of bar") : undefined;
	const { figure, label, bar } = row;
	return { figure, label, product, floor, floorShare, bar, verdict };
};

/** One line per figure that was measured. */
export const reportLines = (measured: readonly Measured[]): readonly ReportLine[] =>
	rows.map((row) => lineFor(measured, row)).filter(({ product }) => product.length > 0);

const number = (value: number, digits: number): string =>
	Number.isNaN(value)
		? "n/a"
		: value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const spread = (values: readonly number[], digits: number): string => {
	if (values.length === 0) return "";
	const middle = number(median(values), digits);
	if (values.length === 1) return middle;
	return `${middle} (${number(Math.min(...values), digits)}–${number(Math.max(...values), digits)})`;
};

const barText = ({ most, least, leastFloorShare }: Bar): string =>
	[
		most !== undefined && (most === 0 ? "0" : `≤ ${most.toLocaleString("en-US")}`),
		least !== undefined && `≥ ${least.toLocaleString("en-US")}`,
		leastFloorShare !== undefined && `≥ ${leastFloorShare} × floor`,
	]
		.filter(Boolean)
		.join(", ");

const cells = (line: ReportLine): string[] => {
	const digits = rows.find((row) => row.figure === line.figure)?.digits ?? 0;
	return [
		line.label,
		spread(line.product, digits),
		spread(line.floor, digits),
		line.floorShare === undefined ? "" : number(line.floorShare, 2),
		line.bar ? barText(line.bar) : "",
		line.verdict ?? "",
	];
};

const HEADINGS = ["", "AsyncQueue", "floor", "÷ floor", "bar", ""];

/** Aligned columns: words to the left, figures to the right. */
export const formatTable = (lines: readonly ReportLine[]): string => {
	const table = [HEADINGS, ...lines.map(cells)];
	const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
	const pad = (text: string, column: number) =>
		column >= 1 && column <= 3 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
	return table.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
};

export const formatMachine = ({ cores, processor, node, platform, fsyncMs }: Machine): string =>
	`${cores} cores (${processor}), Node ${node}, ${platform}, fsync of 8 KiB p50 ${fsyncMs.toFixed(2)} ms`;

/** More than this of other people's work and the figures say little. */
const QUIET_CORES = 0.15;

/** What else the machine did during the measurement that was disturbed most. */
export const formatOtherLoad = (measured: readonly Measured[]): string => {
	const cores = measured.map(({ figures }) => figures["othersCores"] ?? Number.NaN).filter(Number.isFinite);
	if (cores.length === 0) return "what else the machine did: n/a";
	const most = Math.max(...cores);
	const text = `other processes kept up to ${most.toFixed(2)} cores busy`;
	return most > QUIET_CORES ? `NOT A QUIET MACHINE: ${text}; repeat on an idle one` : text;
};
