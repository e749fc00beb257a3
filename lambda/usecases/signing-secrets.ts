import { liveSecrets } from "../core/api-key.ts";
import { UnreadableSecretError } from "../core/data-key.ts";
import type { Ports } from "../ports.ts";

/** `attempts[].error` of a task that was closed because its deliveries can never be signed. */
type UnsignableReason = "signing_key_gone" | "signing_key_unreadable";

/**
 * A key that cannot sign, now or later. Keys are revoked, never deleted, and their secrets open for their own team; but
 * a table can be edited or restored.
 */
export class UnsignableError extends Error {
	override readonly name = "UnsignableError";
	readonly reason: UnsignableReason;

	constructor(keyId: string, reason: UnsignableReason, cause?: unknown) {
		super(`${reason}: the tasks of API key ${keyId} cannot be signed`, { cause });
		this.reason = reason;
	}
}

/**
 * The secrets that sign for a key now, newest first: two while it is being rotated. A revoked key still signs the
 * tasks that it created, or their receivers could not verify them. Throws `UnsignableError`, and other errors when it
 * may be possible later.
 */
export const signingSecrets = async (
	{ keys, cipher, clock }: Ports,
	teamId: string,
	keyId: string,
): Promise<string[]> => {
	const key = await keys.get(teamId, keyId);
	if (!key) throw new UnsignableError(keyId, "signing_key_gone");
	const secrets = liveSecrets(key, clock.now());
	try {
		return await Promise.all(secrets.map(({ ciphertext }) => cipher.decrypt(teamId, ciphertext)));
	} catch (error) {
		if (!(error instanceof UnreadableSecretError)) throw error;
		throw new UnsignableError(keyId, "signing_key_unreadable", error);
	}
};
