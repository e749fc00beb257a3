import { hash } from "node:crypto";
import * as z from "zod";

/** How long a create can be repeated with the same `Idempotency-Key` (contract). */
export const IDEMPOTENCY_TTL_MS = 86_400_000;

/** Header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): printable ASCII, at most 255 characters. */
export const IdempotencyKey = z
	.string()
	.regex(/^[\x20-\x7e]{1,255}$/, "must be 1-255 printable ASCII characters")
	.meta({
		description:
			"Makes the request safe to repeat for 24 h: the same key with the same body gets the first answer again, with another body 422.",
		examples: ["order-1001-receipt"],
	});

/**
 * What is remembered of the first request with a key: enough to give its answer again.
 * The rest of the answer follows from the request body, which `fingerprint` proves to be the same.
 */
export const IdempotencyRecord = z.object({
	teamId: z.string(),
	key: z.string(),
	fingerprint: z.string(),
	taskId: z.string(),
	createdAt: z.int(),
	maxRetries: z.int(),
	expiresAt: z.int(),
});
export type IdempotencyRecord = Readonly<z.infer<typeof IdempotencyRecord>>;

const sortMembers = (_: string, value: unknown): unknown =>
	typeof value === "object" && value !== null && !Array.isArray(value)
		? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
		: value;

/** SHA-256 of a request's meaning: the order of its JSON members does not matter. */
export const requestFingerprint = (request: unknown): string =>
	hash("sha256", JSON.stringify(request, sortMembers), "hex");
