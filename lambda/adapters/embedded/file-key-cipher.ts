import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import type { KeyCipher } from "../../ports.ts";
import { KEY_BYTES, readKeyFile } from "./key-file.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1.";

/** AES-256-GCM with the team id as additional authenticated data. Text: `v1.` + base64url of nonce, tag, ciphertext. */
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
		// Never from the `Random` port: a nonce that repeats, as a seeded one would, gives GCM away.
		const nonce = randomBytes(NONCE_BYTES);
		const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
		cipher.setAAD(Buffer.from(teamId, "utf8"));
		const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
		return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString("base64url");
	}

	async decrypt(teamId: string, ciphertext: string): Promise<string> {
		if (!ciphertext.startsWith(VERSION)) throw new Error("the ciphertext has an unknown format");
		const bytes = Buffer.from(ciphertext.slice(VERSION.length), "base64url");
		const nonce = bytes.subarray(0, NONCE_BYTES);
		const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
		const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
		decipher.setAAD(Buffer.from(teamId, "utf8"));
		decipher.setAuthTag(tag);
		return (
			decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8")
		);
	}
}
