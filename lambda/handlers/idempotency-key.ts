import { invalidRequest } from "../core/faults.ts";
import { IdempotencyKey } from "../core/idempotency.ts";
import type { RouteRequest } from "../middleware/json-route.ts";

/** Marks an answer that was given before. */
export const REPLAYED = { "idempotent-replayed": "true" } as const;

/** The request's `Idempotency-Key`, if it has one. Throws `invalid_request` when it is not usable. */
export const idempotencyKeyOf = (header: RouteRequest<unknown>["header"]): string | undefined => {
	const value = header("idempotency-key");
	if (value === undefined) return undefined;
	const key = IdempotencyKey.safeParse(value);
	if (key.success) return key.data;
	throw invalidRequest(key.error.issues.map(({ message }) => ({ path: "Idempotency-Key", message })));
};
