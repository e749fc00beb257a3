import * as z from "zod";
import { EMPTY_SHEET, type PumpSheet } from "../../core/pump-sheet.ts";
import type { QueueKey } from "../../core/queue.ts";
import type { PumpSheetStore } from "../../ports.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import type { ItemCondition } from "./item-expressions.ts";
import { recordCodec } from "./record-codec.ts";
import { pumpSheetKey } from "./table-keys.ts";

const seatCodec = recordCodec(z.object({ owner: z.string(), leaseUntil: z.number(), slotAt: z.number() }));

const StoredSheet = z.object({
	version: z.int(),
	seats: z.array(z.record(z.string(), z.any()).transform((item) => seatCodec.fromItem(item))),
	woken: z.boolean(),
	visit_at: z.number(),
});

const stored = (version: number): ItemCondition =>
	version === EMPTY_SHEET.version
		? { condition: "attribute_not_exists(#pk)" }
		: { condition: "#version = :version", values: { version } };

/** Pump sheets in DynamoDB: one item per queue that has had a waiting line. */
export class DynamoPumpSheetStore implements PumpSheetStore {
	readonly #items: DynamoItems;

	constructor(table: TableAccess) {
		this.#items = new DynamoItems(table);
	}

	async read(queue: QueueKey): Promise<PumpSheet> {
		const item = await this.#items.get(pumpSheetKey(queue));
		if (!item) return EMPTY_SHEET;
		const { version, seats, woken, visit_at } = StoredSheet.parse(item);
		return { version, seats, woken, visitAt: visit_at };
	}

	async write(queue: QueueKey, sheet: PumpSheet): Promise<boolean> {
		const { version, seats, woken, visitAt } = sheet;
		const { done } = await this.#items.update(pumpSheetKey(queue), {
			...stored(version),
			set: {
				version: version + 1,
				seats: seats.map((seat) => seatCodec.toItem(seat)),
				woken,
				visit_at: visitAt,
			},
		});
		return done;
	}
}
