import { expect, it } from "vitest";
import { bars, judgeBars, type Usages } from "../../cost/bars.ts";
import { type Usage, usageOf } from "../../cost/billed-units.ts";
import { CASE_NAMES } from "../../cost/cases.ts";
import { formatReport } from "../../cost/report.ts";

const lean = { httpApiRequests: 1, apiInvocations: 1, writeUnits: 3, sqsSends: 1, sqsReceives: 0.2 };

const usages = (changes: Partial<Record<keyof Usages, Partial<Usage>>> = {}): Usages =>
	Object.fromEntries(
		CASE_NAMES.map((name) => {
			const amounts: Partial<Usage> = { ...lean, ...changes[name] };
			return [name, usageOf((unit) => amounts[unit] ?? 0)];
		}),
	) as Usages;

const shortOf = (measured: Usages): string[] =>
	judgeBars(measured)
		.filter(({ verdict }) => verdict === "short of bar")
		.map(({ label }) => label);

const CHEAP_BATCH = { batch: { httpApiRequests: 0.1, apiInvocations: 0.1, sqsSends: 0.1 } };

it("judges every promise", () => {
	expect(judgeBars(usages(CHEAP_BATCH))).toHaveLength(bars.length);
	expect(shortOf(usages(CHEAP_BATCH))).toEqual([]);
});

it("says which promise is broken", () => {
	expect(shortOf(usages({ ...CHEAP_BATCH, retry: { writeUnits: 5.01 } }))).toEqual([
		"1 retry adds: write units",
	]);
	expect(shortOf(usages({ ...CHEAP_BATCH, payload100: { writeUnits: 105 } }))).toEqual([
		"100 KB payload adds: write units",
	]);
	expect(shortOf(usages({ ...CHEAP_BATCH, paused: { writeUnits: 6 } }))).toEqual([
		"paused queue adds: write units",
	]);
	expect(shortOf(usages({ ...CHEAP_BATCH, single: { apiGbSeconds: 0.1 } }))).toEqual([
		"single create: $ per million without logs",
	]);
	expect(shortOf(usages({ ...CHEAP_BATCH, single: { logKilobytes: 0.62 } }))).toEqual([
		"single create: $ per million of logs and metrics",
	]);
});

it("forgives less than a hundredth", () => {
	expect(shortOf(usages({ ...CHEAP_BATCH, single: { writeUnits: 3.004 } }))).toEqual([]);
	expect(shortOf(usages({ ...CHEAP_BATCH, single: { writeUnits: 3.02 } }))).toEqual([
		"single create: write units",
	]);
});

it("prints rows as wide as their headings", () => {
	const report = formatReport(usages(CHEAP_BATCH));
	expect(report).toContain("single create  batch-10 create");
	expect(report).toMatch(/^Svix +100\.00/m);
	expect(report).toMatch(/^single create: write units +3\.00 +≤ 3 +ok$/m);
});
