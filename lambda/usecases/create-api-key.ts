import {
	type ApiKey,
	type ApiKeySecret,
	apiKeyIdFor,
	formatSecret,
	hashSecret,
	type NewApiKey,
	secretPrefix,
} from "../core/api-key.ts";
import type { Ports } from "../ports.ts";

const SECRET_BYTES = 24;

/** A key together with its full secret: shown once, at creation or rotation. */
export type IssuedApiKey = Readonly<{ key: ApiKey; secret: string }>;

/** A new secret for `mode`, in clear. */
export const newSecret = ({ random }: Ports, mode: ApiKey["mode"]): string =>
	formatSecret(mode, random.bytes(SECRET_BYTES));

/** A secret as it is stored: hashed for look-up, encrypted for signing. */
export const sealSecret = async (
	{ cipher }: Ports,
	teamId: string,
	secret: string,
): Promise<ApiKeySecret> => ({
	hash: hashSecret(secret),
	prefix: secretPrefix(secret),
	ciphertext: await cipher.encrypt(teamId, secret),
});

/** Creates a key for a team. `secret` is given only when an operator has chosen it. */
export const createApiKey = async (
	ports: Ports,
	teamId: string,
	{ name, mode }: NewApiKey,
	secret: string = newSecret(ports, mode),
): Promise<IssuedApiKey> => {
	const now = ports.clock.now();
	const key: ApiKey = {
		teamId,
		id: apiKeyIdFor(ports.random.ulid(now)),
		name,
		mode,
		secrets: [await sealSecret(ports, teamId, secret)],
		createdAt: now,
	};
	await ports.keys.put(key);
	return { key, secret };
};
