import type { Item, ItemValue } from "./item-values.ts";

/** A write is billed per started KB of the whole item, however little of it changes. */
export const WRITE_UNIT_BYTES = 1_024;

/** One byte per two digits on either side of the point, zeros at the ends not counted, one more, one for a minus sign. */
const numberBytes = (value: number): number => {
	const [, integer = "", fraction = ""] = /^-?0?(\d*)\.?(\d*)/.exec(String(value)) ?? [];
	const pairs = fraction === "" ? integer.replace(/(00)+$/, "") : integer;
	return Math.ceil(pairs.length / 2) + Math.ceil(fraction.length / 2) + 1 + (value < 0 ? 1 : 0);
};

const CONTAINER_BYTES = 3;
const ELEMENT_BYTES = 1;

const valueBytes = (value: ItemValue): number => {
	if (typeof value === "string") return Buffer.byteLength(value);
	if (typeof value === "number") return numberBytes(value);
	if (typeof value === "boolean" || value === null) return 1;
	if (Array.isArray(value))
		return value.reduce((sum, each) => sum + valueBytes(each) + ELEMENT_BYTES, CONTAINER_BYTES);
	const members = Object.values(value).filter((member) => member !== undefined);
	return itemBytes(value as Item) + CONTAINER_BYTES + members.length * ELEMENT_BYTES;
};

/**
 * The size of an item as it is billed: names and values, strings in UTF-8.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemBytes = (item: Item): number => {
	let bytes = 0;
	for (const [name, value] of Object.entries(item))
		if (value !== undefined) bytes += Buffer.byteLength(name) + valueBytes(value);
	return bytes;
};
