import { type ApiKey, isApiKeyId, liveSecrets, MAX_LIVE_SECRETS } from "../core/api-key.ts";
import { AsyncQueueError } from "../core/errors.ts";
import type { Ports } from "../ports.ts";
import { type IssuedApiKey, newSecret, sealSecret } from "./create-api-key.ts";
import { apiKeyNotFound } from "./revoke-api-key.ts";

/** Without an overlap there is always room: the old secrets end at once. */
const assertRoom = (key: ApiKey, now: number): void => {
	if (key.revokedAt !== undefined || liveSecrets(key, now).length < MAX_LIVE_SECRETS) return;
	throw new AsyncQueueError(
		"too_many_secrets",
		`The API key has ${MAX_LIVE_SECRETS} secrets at work already: rotate it when an overlap is over, or with "overlap_seconds": 0, which ends all old ones at once`,
	);
};

/**
 * Gives a key a new secret. The old one authenticates and co-signs for `overlapSeconds` more.
 * Throws `api_key_not_found`; `api_key_revoked`, as a revoked key stays dead; or `too_many_secrets`.
 */
export const rotateApiKey = async (
	ports: Ports,
	teamId: string,
	keyId: string,
	overlapSeconds: number,
): Promise<IssuedApiKey> => {
	const existing = isApiKeyId(keyId) ? await ports.keys.get(teamId, keyId) : undefined;
	if (!existing) throw apiKeyNotFound(keyId);
	const from = ports.clock.now();
	if (overlapSeconds > 0) assertRoom(existing, from);
	const secret = newSecret(ports, existing.mode);
	const sealed = await sealSecret(ports, teamId, secret);
	const overlap = { from, until: from + overlapSeconds * 1_000 };
	const key = await ports.keys.rotate(teamId, keyId, sealed, overlap);
	if (!key) throw apiKeyNotFound(keyId);
	if (key.revokedAt !== undefined)
		throw new AsyncQueueError("api_key_revoked", "The API key is revoked; create a new one");
	return { key, secret };
};
