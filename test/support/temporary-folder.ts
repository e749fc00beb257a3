import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type TemporaryFolder = Readonly<{ path: string; remove(): void }>;

/** A new folder below the system's temporary one, removed on request and at the latest when this process exits. */
export const makeTemporaryFolder = (purpose: string): TemporaryFolder => {
	const path = mkdtempSync(join(tmpdir(), `asyncqueue-${purpose}-`));
	const remove = () => {
		process.off("exit", remove);
		rmSync(path, { recursive: true, force: true });
	};
	process.once("exit", remove);
	return { path, remove };
};
