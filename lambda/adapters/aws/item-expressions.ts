import { isDeepStrictEqual } from "node:util";
import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { type Item, toAttributes } from "./item-values.ts";

/** A condition on an item; `#name` is an attribute, `:name` one of the values. */
export type ItemCondition = Readonly<{ condition: string; values?: Item }>;

/** A change of one item that is made if its condition, if any, holds. */
export type ItemChange = Partial<ItemCondition> &
	Readonly<{
		set: Item;
		/** Further assignments, computed from the item as it is. */
		compute?: string;
		remove?: readonly string[];
	}>;

/** Every attribute goes by a placeholder: DynamoDB reserves hundreds of words, `status` among them. */
export const expressionParts = (expressions: readonly string[], values: Item = {}) => {
	const names = [...expressions.join(" ").matchAll(/#(\w+)/g)];
	const prefixed = Object.entries(values).flatMap(([name, value]) =>
		value === undefined ? [] : [[`:${name}`, value] as const],
	);
	// Empty maps are refused.
	return {
		ExpressionAttributeNames: names.length > 0 ? Object.fromEntries(names) : undefined,
		ExpressionAttributeValues: prefixed.length > 0 ? toAttributes(Object.fromEntries(prefixed)) : undefined,
	};
};

/** The parameters of an update that are the same alone and in a transaction. */
export const updateParts = (change: ItemChange) => {
	const { condition, values = {}, set, compute, remove = [] } = change;
	const assigned = Object.entries(set).filter(([, value]) => value !== undefined);
	const assignments = assigned.map(([name]) => `#${name} = :new_${name}`);
	const removals = remove.map((name) => `#${name}`).join();
	const update = `SET ${[...assignments, ...(compute ? [compute] : [])].join()}${removals && ` REMOVE ${removals}`}`;
	const newValues = Object.fromEntries(assigned.map(([name, value]) => [`new_${name}`, value]));
	return {
		UpdateExpression: update,
		ConditionExpression: condition,
		...expressionParts([update, condition ?? ""], { ...values, ...newValues }),
	} satisfies Partial<UpdateItemCommandInput>;
};

/** Whether `item` looks as if `change` had just been made. */
export const isMadeIn = (item: Item, { set, remove = [] }: ItemChange): boolean =>
	Object.entries(set).every(([name, value]) => isDeepStrictEqual(item[name], value)) &&
	remove.every((name) => item[name] === undefined);
