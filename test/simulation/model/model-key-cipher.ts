import { UnreadableSecretError } from "../../../lambda/core/data-key.ts";
import type { KeyCipher } from "../../../lambda/ports.ts";

/** Long enough for no ciphertext to be the beginning of another. */
const DIGITS = 24;

type Closed = Readonly<{ teamId: string; plaintext: string }>;

/** A ciphertext is the number of a locked box: it says nothing, and opens nothing but that box. */
export class ModelKeyCipher implements KeyCipher {
	readonly #boxes = new Map<string, Closed>();

	async encrypt(teamId: string, plaintext: string): Promise<string> {
		const ciphertext = `box-${String(this.#boxes.size).padStart(DIGITS, "0")}`;
		this.#boxes.set(ciphertext, { teamId, plaintext });
		return ciphertext;
	}

	/** Throws `UnreadableSecretError` for what this cipher has not made, or not for this team. */
	async decrypt(teamId: string, ciphertext: string): Promise<string> {
		const box = this.#boxes.get(ciphertext);
		if (box?.teamId !== teamId) throw new UnreadableSecretError("It does not open for this team");
		return box.plaintext;
	}
}
