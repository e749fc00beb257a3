import type { DataKeyVersion } from "./core/data-key.ts";

/** The data keys that secrets are encrypted under, for whoever rotates them. New secrets use the newest. */
export interface DataKeyRing {
	/** How long after a change of the ring, or of stored secrets, other processes may go by what was before. Milliseconds. */
	readonly settleMs: number;
	/** Oldest first; empty before the first secret. */
	list(): Promise<readonly DataKeyVersion[]>;
	/** Makes the next version; of two at once both get the same. */
	add(): Promise<DataKeyVersion>;
	/** Forgets a version for good, with everything that is still encrypted under it. */
	remove(version: number): Promise<void>;
}
