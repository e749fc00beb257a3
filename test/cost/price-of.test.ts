import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	BILLED_UNIT_NAMES,
	type BilledUnitName,
	billedUnits,
	type Usage,
	usageOf,
} from "../../cost/billed-units.ts";
import { priceOf } from "../../cost/price-of.ts";
import { prices } from "../../cost/prices.ts";

const usage = (amounts: Partial<Usage>): Usage => usageOf((unit) => amounts[unit] ?? 0);

const anyUsage = fc
	.array(fc.double({ min: 0, max: 1_000, noNaN: true }), {
		minLength: BILLED_UNIT_NAMES.length,
		maxLength: BILLED_UNIT_NAMES.length,
	})
	.map((amounts) => usageOf((unit) => amounts[BILLED_UNIT_NAMES.indexOf(unit)] ?? 0));
const anyUnit = fc.constantFrom(...BILLED_UNIT_NAMES);

/** The cost floor of a lean task, worked out by hand: 200 ms webhook, 256 MiB, 20 ms in the API, 250 ms a delivery. */
const lean = usage({
	httpApiRequests: 1,
	apiInvocations: 1,
	apiGbSeconds: 0.02 * 0.25,
	writeUnits: 3,
	sqsSends: 1,
	sqsReceives: 0.2,
	deliverInvocations: 0.1,
	deliverGbSeconds: 0.025 * 0.25,
});

describe("price of a million tasks", () => {
	it.each<[string, Partial<Usage>, number]>([
		["nothing", {}, 0],
		["one request to the HTTP API", { httpApiRequests: 1 }, 1],
		["three writes", { writeUnits: 3 }, 1.875],
		["half a read", { readUnits: 0.5 }, 0.0625],
		["a send, and a tenth of a receive and of a delete", { sqsSends: 1, sqsReceives: 0.2 }, 0.48],
		["a send into a fair queue", { sqsSends: 1, sqsFairSends: 1 }, 0.5],
		["a schedule", { schedulerInvocations: 1 }, 1],
		["a call of KMS", { kmsRequests: 1 }, 3],
		["a tenth of an invocation", { deliverInvocations: 0.1 }, 0.02],
		["20 ms of 512 MiB", { apiGbSeconds: 0.01 }, 0.133_334],
		["a kilobyte of log", { logKilobytes: 1 }, 0.5],
		["a lean task", lean, 3.725],
	])("%s", (_, amounts, dollars) => {
		expect(priceOf(usage(amounts)).total).toBeCloseTo(dollars, 3);
	});

	it("is the sum of its lines", () => {
		fc.assert(
			fc.property(anyUsage, (used) => {
				const { total, lines } = priceOf(used);
				const sum = Object.values(lines).reduce((a, b) => a + b, 0);
				expect(total).toBeCloseTo(sum, 6);
			}),
		);
	});

	it("prices each line by itself", () => {
		fc.assert(
			fc.property(anyUsage, anyUnit, (used, unit) => {
				const { usdPerMillion } = prices[billedUnits[unit].price];
				expect(priceOf(used).lines[unit]).toBe(used[unit] * usdPerMillion);
			}),
		);
	});

	it("never falls when a task uses more of anything, or when a price rises", () => {
		const more = fc.double({ min: 0.001, max: 1_000, noNaN: true });
		fc.assert(
			fc.property(anyUsage, anyUnit, more, (used, unit: BilledUnitName, extra) => {
				const { total } = priceOf(used);
				expect(priceOf({ ...used, [unit]: used[unit] + extra }).total).toBeGreaterThan(total);
				const { price } = billedUnits[unit];
				const dearer = { ...prices, [price]: { usdPerMillion: prices[price].usdPerMillion + extra } };
				expect(priceOf(used, dearer).total).toBeGreaterThanOrEqual(total);
			}),
		);
	});

	it("is proportional to usage", () => {
		fc.assert(
			fc.property(anyUsage, (used) => {
				const twice = usageOf((unit) => 2 * used[unit]);
				expect(priceOf(twice).total).toBeCloseTo(2 * priceOf(used).total, 4);
			}),
		);
	});
});
