/** Encrypted text as it is stored: the version of the data key that opens it, a dot, and what was sealed with it. */
export type VersionedText = Readonly<{ version: number; sealed: string }>;

/** A data key in the place where it is kept. Versions count from 1; `createdAt` (epoch ms) is 0 where nobody noted it. */
export type DataKeyVersion = Readonly<{ version: number; createdAt: number }>;

const FORMAT = /^v([1-9]\d{0,8})\.([\w-]+)$/;

/** A stored secret that will never open: damaged, made for another team, or its data key is gone. */
export class UnreadableSecretError extends Error {
	override readonly name = "UnreadableSecretError";
}

export const formatVersioned = ({ version, sealed }: VersionedText): string => `v${version}.${sealed}`;

/** The inverse of `formatVersioned`; undefined for anything else. */
export const parseVersioned = (text: string): VersionedText | undefined => {
	const [, version, sealed] = FORMAT.exec(text) ?? [];
	return version === undefined || sealed === undefined ? undefined : { version: Number(version), sealed };
};
