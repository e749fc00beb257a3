import { describe, expect, it } from "vitest";
import { BILLED_UNIT_NAMES, billedUnits } from "../../cost/billed-units.ts";
import { LIST_PRICES_READ_ON, listPrices } from "../../cost/list-prices.ts";
import { PRICES_READ_ON, PRICES_REGION, type Price, prices } from "../../cost/prices.ts";

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const all: [string, Price][] = Object.entries(prices);

describe("prices", () => {
	it("say when they were read and where they hold", () => {
		expect(PRICES_READ_ON).toMatch(ISO_DATE);
		expect(LIST_PRICES_READ_ON).toMatch(ISO_DATE);
		expect(PRICES_REGION).toBe("us-east-1");
	});

	it.each(all)("%s has a source", (_, { usdPerMillion, per, source }) => {
		expect(usdPerMillion).toBeGreaterThan(0);
		expect(per).not.toBe("");
		expect(new URL(source).protocol).toBe("https:");
	});

	it("are all of use", () => {
		const used = new Set<string>(BILLED_UNIT_NAMES.map((unit) => billedUnits[unit].price));
		expect(new Set(Object.keys(prices))).toEqual(used);
	});

	it.each(listPrices)("of $name has a source", ({ usdPerMillion, how, source }) => {
		expect(usdPerMillion).toBeGreaterThan(0);
		expect(how).not.toBe("");
		expect(new URL(source).protocol).toBe("https:");
	});
});
