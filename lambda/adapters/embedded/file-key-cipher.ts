import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import type { KeyCipher } from "../../ports.ts";
import { open, seal } from "../aes-gcm.ts";
import { KEY_BYTES, readKeyFile } from "./key-file.ts";

/** Says how the rest was made, should that ever change. */
const VERSION = "v1.";

/** AES-256-GCM with the team id as additional authenticated data, under a key kept beside the database. */
export class FileKeyCipher implements KeyCipher {
	readonly #key: KeyObject;

	/** Uses the key file in `folder`; see `readKeyFile`. */
	static fromFolder(folder: string, isNeeded: boolean): FileKeyCipher {
		return new FileKeyCipher(readKeyFile(folder, isNeeded));
	}

	/** Uses a key that is forgotten with the process. */
	static withRandomKey(): FileKeyCipher {
		return new FileKeyCipher(randomBytes(KEY_BYTES));
	}

	private constructor(key: Buffer) {
		this.#key = createSecretKey(key);
	}

	async encrypt(teamId: string, plaintext: string): Promise<string> {
		return VERSION + seal(this.#key, teamId, plaintext);
	}

	async decrypt(teamId: string, ciphertext: string): Promise<string> {
		if (!ciphertext.startsWith(VERSION)) throw new Error("The ciphertext has an unknown format");
		return open(this.#key, teamId, ciphertext.slice(VERSION.length));
	}
}
