import type * as z from "zod";
import type { Item, ItemValue } from "./item-values.ts";

const toSnakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Translates between records and items. */
export type RecordCodec<T> = Readonly<{
	toItem(record: T): Item;
	/** Throws when the item is not such a record; attributes that it does not know are ignored. */
	fromItem(item: Item): T;
}>;

/**
 * The codec of a flat schema: `dueAt` in code is `due_at` in the table, as it is in the API.
 * A field that is added to the schema is stored without further ado.
 */
export const recordCodec = <Schema extends z.ZodObject>(schema: Schema): RecordCodec<z.infer<Schema>> => {
	const names = Object.keys(schema.shape).map((field) => [field, toSnakeCase(field)] as const);
	return {
		toItem: (record) => {
			const item: Record<string, ItemValue> = {};
			for (const [field, attribute] of names) {
				const value = (record as Item)[field];
				if (value !== undefined) item[attribute] = value;
			}
			return item;
		},
		fromItem: (item) => {
			const record: Record<string, ItemValue | undefined> = {};
			for (const [field, attribute] of names) record[field] = item[attribute];
			return schema.parse(record);
		},
	};
};
