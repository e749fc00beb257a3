import type { ApiKey } from "../core/api-key.ts";
import { parseVersioned } from "../core/data-key.ts";
import { sideBySide } from "../core/side-by-side.ts";
import type { DataKeyRing } from "../data-key-ring.ts";
import type { Ports } from "../ports.ts";

/** What rotating takes, beside the ring: the keys whose secrets are encrypted under it. */
export type RotationPorts = Pick<Ports, "keys" | "cipher" | "clock" | "timer"> &
	Readonly<{ dataKeys: DataKeyRing }>;

/** `resealed`: API keys whose secrets are encrypted anew. */
export type RotationReport = Readonly<{ version: number; resealed: number }>;

/** `removed`: versions that open nothing any more. */
export type RetirementReport = RotationReport & Readonly<{ removed: readonly number[] }>;

/** Secrets of one API key that change meanwhile are read again this often. */
const RESEAL_TRIES = 10;

const RESEALED_SIDE_BY_SIDE = 10;

const isUnder = (version: number, { secrets }: ApiKey): boolean =>
	secrets.every(({ ciphertext }) => parseVersioned(ciphertext)?.version === version);

/** Encrypts a key's secrets under the newest data key. False when that was not necessary. */
const reseal = async ({ keys, cipher }: RotationPorts, found: ApiKey, version: number): Promise<boolean> => {
	const { teamId, id } = found;
	let key: ApiKey | undefined = found;
	for (let tries = 1; tries <= RESEAL_TRIES; tries += 1) {
		if (!key || isUnder(version, key)) return false;
		const texts = await Promise.all(
			key.secrets.map(async ({ ciphertext }) =>
				cipher.encrypt(teamId, await cipher.decrypt(teamId, ciphertext)),
			),
		);
		if (await keys.reseal(key, texts)) return true;
		key = (await keys.list(teamId)).find((other) => other.id === id);
	}
	throw new Error(`API key ${id} is being changed elsewhere; please try again`);
};

/** Encrypts everything under the newest data key that is not yet. Throws when anything does not open, naming it. */
const resealAll = async (ports: RotationPorts, version: number): Promise<number> => {
	let resealed = 0;
	const unreadable: string[] = [];
	let cursor: string | undefined;
	do {
		const page = await ports.keys.walk(cursor);
		await sideBySide(page.keys, RESEALED_SIDE_BY_SIDE, async (key) => {
			try {
				if (await reseal(ports, key, version)) resealed += 1;
			} catch (error) {
				unreadable.push(`${key.id} of ${key.teamId}: ${(error as Error).message}`);
			}
		});
		cursor = page.nextCursor;
	} while (cursor !== undefined);
	if (unreadable.length === 0) return resealed;
	throw new Error(
		`These API keys could not be encrypted under data key v${version}: ${unreadable.join("; ")}`,
	);
};

/**
 * Makes a new data key and encrypts all secrets under it. Older data keys stay: processes may still encrypt under them
 * for a while, and hold what was encrypted under them.
 */
export const rotateDataKey = async (ports: RotationPorts): Promise<RotationReport> => {
	const { version } = await ports.dataKeys.add();
	return { version, resealed: await resealAll(ports, version) };
};

/**
 * Removes all data keys but the newest, once nothing needs them: everybody encrypts under the newest, everything is
 * encrypted under it, and nobody remembers it otherwise: that takes `settleMs`, twice right after a rotation. Finishes
 * a rotation that broke off. Throws, and removes nothing, when a secret does not open.
 */
export const retireDataKeys = async (ports: RotationPorts): Promise<RetirementReport> => {
	const { dataKeys, clock, timer } = ports;
	const versions = await dataKeys.list();
	const newest = versions.at(-1);
	if (!newest) throw new Error("There is no data key yet: no API key was ever made");
	const removed = versions.slice(0, -1).map(({ version }) => version);
	if (removed.length === 0) return { version: newest.version, resealed: 0, removed };
	await timer.sleep(Math.max(0, newest.createdAt + dataKeys.settleMs - clock.now()));
	const resealed = await resealAll(ports, newest.version);
	await timer.sleep(dataKeys.settleMs);
	for (const version of removed) await dataKeys.remove(version);
	return { version: newest.version, resealed, removed };
};
