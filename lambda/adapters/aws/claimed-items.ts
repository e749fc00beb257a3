import type { AttemptResult } from "../../ports.ts";
import type { Item } from "./item-values.ts";
import type { ItemKey } from "./table-keys.ts";

/** More than an invocation works on at once: a queue has 1,000 calls in flight at most. Payloads are kept once. */
const MAX_CLAIMS = 1_024;

/** A claimed item as it is stored, and with its other parts. */
export type ClaimedItem = Readonly<{ item: Item; whole: Item }>;

const addressOf = ({ pk, sk }: ItemKey): string => `${pk} ${sk}`;

/** Whether `item` is under the claim that the result comes from. */
export const isUnderClaimOf = (item: Item, { attempt, leaseUntil }: AttemptResult): boolean =>
	item["lease_until"] === leaseUntil && item["attempt"] === attempt.number;

/**
 * What this process has claimed and not settled yet, so that settling it needs no read. A claim that is not here, as
 * it was made by another process or long ago, is read instead.
 */
export class ClaimedItems {
	readonly #claims = new Map<string, ClaimedItem>();

	add(key: ItemKey, claimed: ClaimedItem): void {
		const address = addressOf(key);
		// Deleted first, so that it comes last in the map: the oldest claim is the first.
		this.#claims.delete(address);
		this.#claims.set(address, claimed);
		if (this.#claims.size <= MAX_CLAIMS) return;
		const [oldest = ""] = this.#claims.keys();
		this.#claims.delete(oldest);
	}

	/** For claims that end without a result. */
	forget(key: ItemKey): void {
		this.#claims.delete(addressOf(key));
	}

	/** What the result's claim has claimed; given out once. */
	take(key: ItemKey, result: AttemptResult): ClaimedItem | undefined {
		const address = addressOf(key);
		const claimed = this.#claims.get(address);
		if (!claimed || !isUnderClaimOf(claimed.item, result)) return undefined;
		this.#claims.delete(address);
		return claimed;
	}
}
