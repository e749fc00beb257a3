import type { ApiKey } from "../core/api-key.ts";
import type { IssuedApiKey } from "../usecases/create-api-key.ts";

const instant = (epochMs: number | undefined): string | undefined =>
	epochMs === undefined ? undefined : new Date(epochMs).toISOString();

/** A key as it is listed: never with its secret. */
export const apiKeyView = ({ id, name, mode, secrets, createdAt, lastUsedAt, revokedAt }: ApiKey) => ({
	id,
	name,
	mode,
	prefix: secrets[0]?.prefix,
	created_at: instant(createdAt),
	last_used_at: instant(lastUsedAt),
	revoked_at: instant(revokedAt),
});

/** A key with its secret: the only time that it is shown. */
export const issuedKeyView = ({ key, secret }: IssuedApiKey) => ({
	id: key.id,
	name: key.name,
	mode: key.mode,
	key: secret,
	created_at: instant(key.createdAt),
});
