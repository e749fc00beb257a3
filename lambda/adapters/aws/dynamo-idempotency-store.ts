import { IdempotencyRecord } from "../../core/idempotency.ts";
import type { IdempotencyStore } from "../../ports.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import { recordCodec } from "./record-codec.ts";
import { idempotencyItemKey } from "./table-keys.ts";

/** `expires_at` is the table's own, in seconds; the exact instant goes by another name. */
const codec = recordCodec(
	IdempotencyRecord.omit({ teamId: true, key: true, expiresAt: true }).extend({
		liveUntil: IdempotencyRecord.shape.expiresAt,
	}),
);

/** Idempotency records in DynamoDB. */
export class DynamoIdempotencyStore implements IdempotencyStore {
	readonly #items: DynamoItems;

	constructor(table: TableAccess) {
		this.#items = new DynamoItems(table);
	}

	/** DynamoDB may take days to delete what has expired, so the condition looks at the time itself. */
	async reserve(record: IdempotencyRecord, now: number): Promise<IdempotencyRecord> {
		const { teamId, key, expiresAt } = record;
		const item = {
			...codec.toItem({ ...record, liveUntil: expiresAt }),
			...idempotencyItemKey(teamId, key),
			expires_at: Math.ceil(expiresAt / 1_000),
		};
		const stands = await this.#items.putUnlessTaken(item, {
			condition: "attribute_not_exists(#pk) OR #live_until <= :now",
			values: { now },
		});
		if (stands.done || !stands.item) return record;
		const { liveUntil, ...first } = codec.fromItem(stands.item);
		return { ...first, teamId, key, expiresAt: liveUntil };
	}
}
