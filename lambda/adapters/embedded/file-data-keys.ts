import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import type { DataKeyVersion } from "../../core/data-key.ts";
import type { DataKeyRing } from "../../data-key-ring.ts";
import type { DataKeySource } from "../data-key-cipher.ts";
import { KEY_BYTES, type KeysByVersion, keyFile, readKeyFile, writeKeyFile } from "./key-file.ts";

const newKeys = (): Map<number, Buffer> => new Map([[1, randomBytes(KEY_BYTES)]]);

/** Keeps the keys where they outlive the process; does nothing for those that are forgotten with it. */
type Keep = (keys: KeysByVersion) => Promise<void>;

/**
 * The data keys of a data folder, kept in a file beside the database. A key that was removed from the file stays in
 * the memory of this process, for what it still remembers.
 */
export class FileDataKeys implements DataKeySource, DataKeyRing {
	/** Nobody else uses the folder. */
	readonly settleMs = 0;
	readonly #opened = new Map<number, KeyObject>();
	readonly #keep: Keep;
	#kept: KeysByVersion;

	/**
	 * The keys in `folder`. They are made unless `isNeeded` says that something was encrypted already: a new key could
	 * never open that, so a lost one is an error. `committed` resolves when everything written so far is on disk: only
	 * then may a key go that it was encrypted under.
	 */
	static fromFolder(folder: string, isNeeded: boolean, committed: () => Promise<void>): FileDataKeys {
		if (!existsSync(keyFile(folder))) {
			if (isNeeded)
				throw new Error(
					`The encryption key ${keyFile(folder)} is missing; restore it, or choose another data folder`,
				);
			writeKeyFile(folder, newKeys());
		}
		return new FileDataKeys(readKeyFile(folder), async (keys) => {
			await committed();
			writeKeyFile(folder, keys);
		});
	}

	/** Keys that are forgotten with the process. */
	static inMemory(): FileDataKeys {
		return new FileDataKeys(newKeys(), async () => undefined);
	}

	private constructor(keys: KeysByVersion, keep: Keep) {
		this.#kept = keys;
		this.#keep = keep;
		this.#open();
	}

	async newest(): Promise<{ version: number; key: KeyObject }> {
		const version = Math.max(...this.#kept.keys());
		return { version, key: this.#opened.get(version) as KeyObject };
	}

	async get(version: number): Promise<KeyObject | undefined> {
		return this.#opened.get(version);
	}

	async list(): Promise<readonly DataKeyVersion[]> {
		const versions = [...this.#kept.keys()].sort((one, other) => one - other);
		return versions.map((version) => ({ version, createdAt: 0 }));
	}

	async add(): Promise<DataKeyVersion> {
		const version = Math.max(...this.#kept.keys()) + 1;
		await this.#replace(new Map([...this.#kept, [version, randomBytes(KEY_BYTES)]]));
		return { version, createdAt: 0 };
	}

	async remove(version: number): Promise<void> {
		await this.#replace(new Map([...this.#kept].filter(([kept]) => kept !== version)));
	}

	/** First the file, then what is used. */
	async #replace(keys: KeysByVersion): Promise<void> {
		await this.#keep(keys);
		this.#kept = keys;
		this.#open();
	}

	#open(): void {
		for (const [version, key] of this.#kept) this.#opened.set(version, createSecretKey(key));
	}
}
