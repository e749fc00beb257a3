import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const KEY_BYTES = 32;

const FILE_NAME = "encryption.key";

const syncFolder = (folder: string): void => {
	// Windows cannot open folders; its renames need no help.
	if (process.platform === "win32") return;
	const descriptor = openSync(folder, "r");
	fsyncSync(descriptor);
	closeSync(descriptor);
};

/** Complete or not there at all, whenever the process or the power stops. */
const createKeyFile = (folder: string): void => {
	const path = join(folder, FILE_NAME);
	const temporary = `${path}.new`;
	writeFileSync(temporary, randomBytes(KEY_BYTES), { mode: 0o600, flush: true });
	renameSync(temporary, path);
	syncFolder(folder);
};

/**
 * The encryption key of a data folder, created there unless `isNeeded` says that something was encrypted already:
 * a new key could never open that, so a lost one is an error.
 */
export const readKeyFile = (folder: string, isNeeded: boolean): Buffer => {
	const path = join(folder, FILE_NAME);
	if (!existsSync(path)) {
		if (isNeeded)
			throw new Error(`The encryption key ${path} is missing; restore it, or choose another data folder`);
		createKeyFile(folder);
	}
	const key = readFileSync(path);
	if (key.length !== KEY_BYTES)
		throw new Error(`The encryption key ${path} is damaged (${key.length} bytes instead of ${KEY_BYTES})`);
	return key;
};
