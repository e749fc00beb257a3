import type { KeyCipher } from "../../ports.ts";
import { open, seal } from "../aes-gcm.ts";
import type { DataKeys } from "./data-keys.ts";

/** The data key that new secrets are encrypted under. Another version is a rotation: older texts still open. */
const CURRENT_VERSION = "v1";

const FORMAT = /^(v\d+)\.([\w-]+)$/;

/** AES-256-GCM under a data key that KMS protects, bound to the team. Text: version of the data key, dot, sealed text. */
export class KmsKeyCipher implements KeyCipher {
	readonly #dataKeys: DataKeys;

	constructor(dataKeys: DataKeys) {
		this.#dataKeys = dataKeys;
	}

	async encrypt(teamId: string, plaintext: string): Promise<string> {
		const key = await this.#dataKeys.getOrCreate(CURRENT_VERSION);
		return `${CURRENT_VERSION}.${seal(key, teamId, plaintext)}`;
	}

	async decrypt(teamId: string, ciphertext: string): Promise<string> {
		const [, version, sealed] = FORMAT.exec(ciphertext) ?? [];
		if (version === undefined || sealed === undefined)
			throw new Error("the ciphertext has an unknown format");
		return open(await this.#dataKeys.get(version), teamId, sealed);
	}
}
