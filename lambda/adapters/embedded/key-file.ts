import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const KEY_BYTES = 32;

const FILE_NAME = "encryption.key";

/** The data keys of a folder by their version. */
export type KeysByVersion = ReadonlyMap<number, Buffer>;

const LINE = /^v([1-9]\d{0,8}) ([\w-]{43})$/;

const syncFolder = (folder: string): void => {
	// Windows cannot open folders; its renames need no help.
	if (process.platform === "win32") return;
	const descriptor = openSync(folder, "r");
	fsyncSync(descriptor);
	closeSync(descriptor);
};

export const keyFile = (folder: string): string => join(folder, FILE_NAME);

/** Complete or as it was before, whenever the process or the power stops. */
export const writeKeyFile = (folder: string, keys: KeysByVersion): void => {
	const path = keyFile(folder);
	const temporary = `${path}.new`;
	const lines = Array.from(keys, ([version, key]) => `v${version} ${key.toString("base64url")}\n`);
	writeFileSync(temporary, lines.join(""), { mode: 0o600, flush: true });
	renameSync(temporary, path);
	syncFolder(folder);
};

const damaged = (path: string, what: string): Error =>
	new Error(`The encryption key ${path} is damaged (${what}); restore it`);

/**
 * The keys of a folder: a line each, as `v1 <base64url>`. Earlier versions of this program wrote the bytes of the only
 * key there was. Throws an Error that says what to do.
 */
export const readKeyFile = (folder: string): KeysByVersion => {
	const path = keyFile(folder);
	const content = readFileSync(path);
	if (content.length === KEY_BYTES) return new Map([[1, content]]);
	const lines = content.toString("latin1").split("\n").slice(0, -1);
	if (lines.length === 0) throw damaged(path, `${content.length} bytes instead of a line for each key`);
	return new Map(
		lines.map((line, index) => {
			const [, version, key] = LINE.exec(line) ?? [];
			if (version === undefined || key === undefined) throw damaged(path, `line ${index + 1}`);
			return [Number(version), Buffer.from(key, "base64url")];
		}),
	);
};
