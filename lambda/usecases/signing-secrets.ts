import { liveSecrets } from "../core/api-key.ts";
import type { Ports } from "../ports.ts";

/**
 * The secrets that sign for a key now, newest first: two while it is being rotated. A revoked key still signs the
 * tasks that it created, or their receivers could not verify them.
 */
export const signingSecrets = async (
	{ keys, cipher, clock }: Ports,
	teamId: string,
	keyId: string,
): Promise<string[]> => {
	const key = await keys.get(teamId, keyId);
	if (!key) throw new Error(`API key ${keyId} is gone, its tasks cannot be signed`);
	return Promise.all(
		liveSecrets(key, clock.now()).map(({ ciphertext }) => cipher.decrypt(teamId, ciphertext)),
	);
};
