import type { Clock, KeyCipher } from "../ports.ts";
import { TtlCache } from "./ttl-cache.ts";

/** A ciphertext always opens to the same text, so time only bounds how long an unused secret stays in memory. */
const TTL_MS = 300_000;

const MAX_SECRETS = 2_000;

/** Remembers opened secrets: a busy key signs thousands of calls a second. */
export class CachedKeyCipher implements KeyCipher {
	readonly #cipher: KeyCipher;
	readonly #opened: TtlCache<{ plaintext: string }>;

	constructor(cipher: KeyCipher, clock: Clock) {
		this.#cipher = cipher;
		this.#opened = new TtlCache({ clock, ttlMs: TTL_MS, maxEntries: MAX_SECRETS });
	}

	encrypt(teamId: string, plaintext: string): Promise<string> {
		return this.#cipher.encrypt(teamId, plaintext);
	}

	async decrypt(teamId: string, ciphertext: string): Promise<string> {
		// The team is part of the key, so that a ciphertext still opens for its own team only.
		const opened = await this.#opened.read(`${teamId}/${ciphertext}`, async () => ({
			plaintext: await this.#cipher.decrypt(teamId, ciphertext),
		}));
		if (!opened) throw new Error("A cipher always answers with a text");
		return opened.plaintext;
	}
}
