import {
	ConditionalCheckFailedException,
	DeleteItemCommand,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
	type QueryCommandOutput,
	ScanCommand,
	type ScanCommandOutput,
	TransactionCanceledException,
	type TransactWriteItem,
	TransactWriteItemsCommand,
	UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { callDynamo, timesSent } from "./dynamo-calls.ts";
import {
	expressionParts,
	type ItemChange,
	type ItemCondition,
	isMadeIn,
	updateParts,
} from "./item-expressions.ts";
import { fromAttributes, type Item, toAttributes } from "./item-values.ts";
import type { ItemKey } from "./table-keys.ts";

export type TableAccess = Readonly<{ client: DynamoDBClient; tableName: string }>;

/** One write of several that are made all or none. */
export type ItemWrite = Readonly<
	{ put: Item & ItemKey; provided?: ItemCondition | undefined } | { update: ItemKey; change: ItemChange }
>;

/** The item after a write, or the one that stood in its way, if any. */
export type ConditionalWrite = Readonly<{ done: true; item: Item } | { done: false; item: Item | undefined }>;

/** A range of one partition in ascending or descending order of the sort key, or a page of it. */
export type ItemQuery = Readonly<{
	partition: string;
	index?: Readonly<{ indexName: string; sortKey: string }> | undefined;
	/** Newest first, below this sort key. */
	before?: string | undefined;
	filter?: ItemCondition | undefined;
	/** The attributes wanted, if not all. What is read, and billed, is the whole item all the same. */
	only?: readonly string[] | undefined;
	limit?: number | undefined;
	isConsistent?: boolean;
	startAfter?: Item | undefined;
}>;

/** `read` counts the items looked at, which is what is billed. */
export type ItemPage = Readonly<{ items: readonly Item[]; read: number; lastKey: Item | undefined }>;

const toPage = (answer: QueryCommandOutput | ScanCommandOutput): ItemPage => ({
	items: (answer.Items ?? []).map(fromAttributes),
	read: answer.ScannedCount ?? 0,
	lastKey: answer.LastEvaluatedKey && fromAttributes(answer.LastEvaluatedKey),
});

const NOT_TAKEN: ItemCondition = { condition: "attribute_not_exists(#pk)" };

/** The table's items as plain objects, with conditional writes as values. */
export class DynamoItems {
	readonly #client: DynamoDBClient;
	readonly #table: { TableName: string };

	constructor({ client, tableName }: TableAccess) {
		this.#client = client;
		this.#table = { TableName: tableName };
	}

	/** Sees every write that was finished before. */
	async get(key: ItemKey): Promise<Item | undefined> {
		const command = new GetItemCommand({ ...this.#table, Key: toAttributes(key), ConsistentRead: true });
		const { Item } = await callDynamo(() => this.#client.send(command));
		return Item && fromAttributes(Item);
	}

	async put(item: Item & ItemKey): Promise<void> {
		const command = new PutItemCommand({ ...this.#table, Item: toAttributes(item) });
		await callDynamo(() => this.#client.send(command));
	}

	/** Writes the item unless its key is taken, or taken by one that does not meet the condition. */
	putUnlessTaken(
		item: Item & ItemKey,
		{ condition, values }: ItemCondition = NOT_TAKEN,
	): Promise<ConditionalWrite> {
		const command = new PutItemCommand({
			...this.#table,
			Item: toAttributes(item),
			ConditionExpression: condition,
			...expressionParts([condition], values),
			ReturnValuesOnConditionCheckFailure: "ALL_OLD",
		});
		return this.#conditional(async () => {
			await this.#client.send(command);
			return item;
		});
	}

	/**
	 * Makes the change if its condition holds, and gives the whole item, before or after, at no extra charge.
	 *
	 * When an answer is lost the SDK sends the request again, and the condition then fails on the request's own
	 * effect. That is a success: to call it a failure would, for instance, leave a recorded attempt without the
	 * message that its retry needs. (Two claims made in the same millisecond look alike. If the loser's first answer
	 * is lost as well, both call the webhook: the rare duplicate that receivers have to expect anyway.)
	 */
	async update(key: ItemKey, change: ItemChange): Promise<ConditionalWrite> {
		const command = new UpdateItemCommand({
			...this.#table,
			Key: toAttributes(key),
			...updateParts(change),
			ReturnValues: "ALL_NEW",
			ReturnValuesOnConditionCheckFailure: "ALL_OLD",
		});
		return this.#conditional(
			async () => fromAttributes((await this.#client.send(command)).Attributes ?? {}),
			(item) => isMadeIn(item, change),
		);
	}

	/** Deletes the item if the condition holds, and gives what was deleted. */
	async delete(key: ItemKey, { condition, values }: Partial<ItemCondition> = {}): Promise<Item | undefined> {
		const command = new DeleteItemCommand({
			...this.#table,
			Key: toAttributes(key),
			ConditionExpression: condition,
			...expressionParts([condition ?? ""], values),
			ReturnValues: "ALL_OLD",
		});
		const { done, item } = await this.#conditional(async () =>
			fromAttributes((await this.#client.send(command)).Attributes ?? {}),
		);
		return done ? item : undefined;
	}

	async query(query: ItemQuery): Promise<ItemPage> {
		const { partition, index, before, filter, only, limit, isConsistent, startAfter } = query;
		const projection = only?.map((name) => `#${name}`).join();
		const range = before === undefined ? "#pk = :pk" : `#pk = :pk AND #${index?.sortKey ?? "sk"} < :before`;
		const command = new QueryCommand({
			...this.#table,
			IndexName: index?.indexName,
			KeyConditionExpression: range,
			FilterExpression: filter?.condition,
			ProjectionExpression: projection,
			...expressionParts([range, filter?.condition ?? "", projection ?? ""], {
				...filter?.values,
				pk: partition,
				before,
			}),
			ScanIndexForward: before === undefined,
			Limit: limit,
			ConsistentRead: isConsistent,
			ExclusiveStartKey: startAfter && toAttributes(startAfter),
		});
		return toPage(await callDynamo(() => this.#client.send(command)));
	}

	/** A whole partition, in order of its sort key. */
	async queryAll(partition: string, isConsistent: boolean): Promise<Item[]> {
		const all: Item[] = [];
		let startAfter: Item | undefined;
		do {
			const { items, lastKey } = await this.query({ partition, isConsistent, startAfter });
			all.push(...items);
			startAfter = lastKey;
		} while (startAfter);
		return all;
	}

	/** The items of the next MB of the table that meet the filter. */
	async scan({ condition, values }: ItemCondition, startAfter: Item | undefined): Promise<ItemPage> {
		const command = new ScanCommand({
			...this.#table,
			FilterExpression: condition,
			...expressionParts([condition], values),
			ExclusiveStartKey: startAfter && toAttributes(startAfter),
		});
		return toPage(await callDynamo(() => this.#client.send(command)));
	}

	/** Makes all writes, or none if a condition fails: then the positions of those whose did. Costs twice the units. */
	async transact(writes: readonly ItemWrite[]): Promise<readonly number[]> {
		const command = new TransactWriteItemsCommand({
			TransactItems: writes.map((write) => this.#toWrite(write)),
		});
		try {
			await callDynamo(() => this.#client.send(command));
			return [];
		} catch (error) {
			if (!(error instanceof TransactionCanceledException)) throw error;
			const codes = error.CancellationReasons?.map(({ Code }) => Code) ?? [];
			const refused = codes.flatMap((code, index) => (code === "ConditionalCheckFailed" ? [index] : []));
			if (refused.length === 0) throw error;
			return refused;
		}
	}

	#toWrite(write: ItemWrite): TransactWriteItem {
		if ("update" in write)
			return { Update: { ...this.#table, Key: toAttributes(write.update), ...updateParts(write.change) } };
		const { put, provided } = write;
		return {
			Put: {
				...this.#table,
				Item: toAttributes(put),
				...(provided && {
					ConditionExpression: provided.condition,
					...expressionParts([provided.condition], provided.values),
				}),
			},
		};
	}

	/** Turns a failed condition into a value. `isOwnEffect` tells whether the item shows that the write was made. */
	async #conditional(
		write: () => Promise<Item>,
		isOwnEffect: (item: Item) => boolean = () => false,
	): Promise<ConditionalWrite> {
		try {
			return { done: true, item: await callDynamo(write) };
		} catch (error) {
			if (!(error instanceof ConditionalCheckFailedException)) throw error;
			const item = error.Item && fromAttributes(error.Item);
			return item && timesSent(error) > 1 && isOwnEffect(item) ? { done: true, item } : { done: false, item };
		}
	}
}
