import { admits, hashSecret } from "../core/api-key.ts";
import { AsyncQueueError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import type { Ports } from "../ports.ts";

/** `last_used_at` is this coarse, so that a busy key does not cost a write per request. */
const TOUCH_INTERVAL_MS = 60_000;

/** Every 401 says how to authenticate (RFC 9110 §15.5.2, RFC 6750 §3). */
const CHALLENGE = { headers: { "www-authenticate": "Bearer" } } as const;

/**
 * Whose secret this is. Throws `api_key_required` or `invalid_api_key`; never says which part was wrong. One that is
 * malformed, unknown, revoked or past its overlap takes one look-up and no write, and gets the same answer: neither
 * the words nor the work tells them apart.
 */
export const authenticate = async (
	{ keys, clock }: Ports,
	secret: string | undefined,
): Promise<Principal> => {
	if (!secret) throw new AsyncQueueError("api_key_required", "API key required", CHALLENGE);
	const hash = hashSecret(secret);
	const now = clock.now();
	const key = await keys.findByHash(hash);
	if (!key || !admits(key, hash, now))
		throw new AsyncQueueError("invalid_api_key", "Invalid or revoked API key", CHALLENGE);
	if (now - (key.lastUsedAt ?? 0) >= TOUCH_INTERVAL_MS) await keys.touch(key.teamId, key.id, now);
	return { teamId: key.teamId, keyId: key.id, mode: key.mode };
};
