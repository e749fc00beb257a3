import { validateAt } from "../core/faults.ts";
import { IdempotencyKey } from "../core/idempotency.ts";
import type { RouteRequest } from "../middleware/json-route.ts";

/** Marks an answer that was given before. */
export const REPLAYED = { "idempotent-replayed": "true" } as const;

/** The request's `Idempotency-Key`, if it has one. Throws `invalid_request` when it is not usable. */
export const idempotencyKeyOf = (header: RouteRequest<unknown>["header"]): string | undefined => {
	const value = header("idempotency-key");
	return value === undefined ? undefined : validateAt("Idempotency-Key", IdempotencyKey, value);
};
