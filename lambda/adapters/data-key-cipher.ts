import type { KeyObject } from "node:crypto";
import { formatVersioned, parseVersioned, UnreadableSecretError } from "../core/data-key.ts";
import type { KeyCipher } from "../ports.ts";
import { open, seal } from "./aes-gcm.ts";

/** Where a cipher gets its data keys. */
export type DataKeySource = Readonly<{
	/** The key that new secrets are encrypted under, made if there is none yet. */
	newest(): Promise<{ version: number; key: KeyObject }>;
	/** The key of that version; undefined when there is none (any more). */
	get(version: number): Promise<KeyObject | undefined>;
}>;

/** AES-256-GCM under the newest data key, with the team id as additional authenticated data. */
export class DataKeyCipher implements KeyCipher {
	readonly #dataKeys: DataKeySource;

	constructor(dataKeys: DataKeySource) {
		this.#dataKeys = dataKeys;
	}

	async encrypt(teamId: string, plaintext: string): Promise<string> {
		const { version, key } = await this.#dataKeys.newest();
		return formatVersioned({ version, sealed: seal(key, teamId, plaintext) });
	}

	async decrypt(teamId: string, ciphertext: string): Promise<string> {
		const text = parseVersioned(ciphertext);
		if (!text) throw new UnreadableSecretError("the ciphertext has an unknown format");
		const key = await this.#dataKeys.get(text.version);
		if (!key)
			throw new UnreadableSecretError(`there is no data key v${text.version}; was it retired or lost?`);
		try {
			return open(key, teamId, text.sealed);
		} catch (cause) {
			throw new UnreadableSecretError("the ciphertext is damaged or was made for another team", { cause });
		}
	}
}
