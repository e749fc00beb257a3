import { isApiKeyId } from "../core/api-key.ts";
import { AsyncQueueError } from "../core/errors.ts";
import type { Ports } from "../ports.ts";

export const apiKeyNotFound = (keyId: string): AsyncQueueError =>
	new AsyncQueueError("api_key_not_found", `There is no API key ${keyId.slice(0, 64)}`);

/** Ends a key's access. Tasks that it created are still delivered, signed with it. Revoking twice is harmless. */
export const revokeApiKey = async ({ keys, clock }: Ports, teamId: string, keyId: string): Promise<void> => {
	// What cannot be a key id is not looked for.
	const key = isApiKeyId(keyId) ? await keys.revoke(teamId, keyId, clock.now()) : undefined;
	if (!key) throw apiKeyNotFound(keyId);
};
