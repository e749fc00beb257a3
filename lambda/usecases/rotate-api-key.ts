import { isApiKeyId } from "../core/api-key.ts";
import { AsyncQueueError } from "../core/errors.ts";
import type { Ports } from "../ports.ts";
import { type IssuedApiKey, newSecret, sealSecret } from "./create-api-key.ts";
import { apiKeyNotFound } from "./revoke-api-key.ts";

/**
 * Gives a key a new secret. The old one authenticates and co-signs for `overlapSeconds` more.
 * Throws `api_key_not_found`, or `api_key_revoked`: a revoked key stays dead.
 */
export const rotateApiKey = async (
	ports: Ports,
	teamId: string,
	keyId: string,
	overlapSeconds: number,
): Promise<IssuedApiKey> => {
	const existing = isApiKeyId(keyId) ? await ports.keys.get(teamId, keyId) : undefined;
	if (!existing) throw apiKeyNotFound(keyId);
	const secret = newSecret(ports, existing.mode);
	const sealed = await sealSecret(ports, teamId, secret);
	const overlapUntil = ports.clock.now() + overlapSeconds * 1_000;
	const key = await ports.keys.rotate(teamId, keyId, sealed, overlapUntil);
	if (!key) throw apiKeyNotFound(keyId);
	if (key.revokedAt !== undefined)
		throw new AsyncQueueError("api_key_revoked", "The API key is revoked; create a new one");
	return { key, secret };
};
