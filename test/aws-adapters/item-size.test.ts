import { describe, expect, it } from "vitest";
import { itemBytes } from "../../lambda/adapters/aws/item-size.ts";
import type { ItemValue } from "../../lambda/adapters/aws/item-values.ts";

describe("the billed size of an item", () => {
	// Found with DynamoDB Local 3.3.0: an item was padded until it cost a second write unit.
	it.each<[ItemValue, number]>([
		["", 0],
		["é€", 5],
		["🚀", 4],
		[true, 1],
		[null, 1],
		[0, 1],
		[7, 2],
		[99, 2],
		[100, 2],
		[101, 3],
		[12_345, 4],
		[1_000_000, 2],
		[1_795_440_000_123, 8],
		[0.5, 2],
		[1.5, 3],
		[12.25, 3],
		[123.456, 5],
		[-12, 3],
		[[], 3],
		[[1], 6],
		[["a", "b"], 7],
		[{}, 3],
		[{ a: "b" }, 6],
		[{ a: "b", c: [{ d: "e" }] }, 18],
	])("counts the value %j as %i bytes", (value, bytes) => {
		expect(itemBytes({ name: value })).toBe("name".length + bytes);
	});

	it("does not count what is not stored", () => {
		expect(itemBytes({ name: undefined, list: [{ name: undefined }] })).toBe("list".length + 3 + 1 + 3);
	});

	it.each([1.5e-7, 1e21])("never takes %d for smaller than it is", (value) => {
		expect(itemBytes({ name: value })).toBeGreaterThanOrEqual("name".length + 2);
	});
});
