import type { IdempotencyRecord } from "../../../lambda/core/idempotency.ts";
import type { IdempotencyStore } from "../../../lambda/ports.ts";
import { TeamMap } from "./team-map.ts";

/** Idempotency records as a map. */
export class ModelIdempotencyStore implements IdempotencyStore {
	readonly #records = new TeamMap<IdempotencyRecord>();

	async reserve(record: IdempotencyRecord, now: number): Promise<IdempotencyRecord> {
		const standing = this.#records.get(record.teamId, record.key);
		if (standing && standing.expiresAt > now) return standing;
		this.#records.set(record.teamId, record.key, record);
		return record;
	}

	all(): readonly IdempotencyRecord[] {
		return this.#records.all();
	}
}
