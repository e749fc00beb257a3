import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Reservation, ReservationAnswer } from "../../core/budget-share.ts";
import { SLOTS, slotStart } from "../../core/request-budget.ts";
import type { RequestLimit } from "../../core/request-limit.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import type { ItemChange } from "./item-expressions.ts";
import { epochSeconds } from "./retention.ts";
import { budgetSheetKey } from "./table-keys.ts";

const StoredSheet = z.object({ slot: z.int(), left: z.int(), earlier: z.array(z.int()) });

/** The teams' budgets in DynamoDB: one small item a team, changed by one write a reservation. */
export class DynamoBudgetSheets {
	readonly #items: DynamoItems;
	readonly #limit: RequestLimit;

	constructor(table: TableAccess, limit: RequestLimit) {
		this.#items = new DynamoItems(table);
		this.#limit = limit;
	}

	/** Makes the reservation if the team's sheet still allows it, and gives the sheet as it then is. */
	async reserve(teamId: string, reservation: Reservation): Promise<ReservationAnswer> {
		const key = budgetSheetKey(teamId, this.#limit);
		const { done, item } = await this.#items.update(key, this.#changeOf(reservation));
		return { done, sheet: item && StoredSheet.parse(item) };
	}

	/**
	 * Within a slot anybody may take what is left, whatever others have done meanwhile. The first of a slot writes the
	 * sheet anew, if it still is as it was seen. The id makes each change unlike all others: without it, a repeated
	 * request could take somebody else's change for its own and so use a reservation that was never made.
	 */
	#changeOf({ seen, next, units }: Reservation): ItemChange {
		const id = { reservation: randomUUID() };
		if (seen?.slot === next.slot)
			return {
				condition: "#slot = :slot AND #left >= :units",
				values: { slot: next.slot, units },
				set: id,
				compute: "#left = #left - :units",
			};
		const opened = { ...id, ...next, expires_at: this.#expiresAt(next.slot) };
		return seen
			? {
					condition: "#slot = :slot AND #left = :left",
					values: { slot: seen.slot, left: seen.left },
					set: opened,
				}
			: { condition: "attribute_not_exists(#pk)", set: opened };
	}

	/** When no window is left that the slot counts in. */
	#expiresAt(slot: number): number {
		return epochSeconds(slotStart(this.#limit, slot + SLOTS + 1));
	}
}
