import type { ApiKey } from "../core/api-key.ts";
import type { ApiKeyView, IssuedKeyView } from "../core/api-key-view.ts";
import { instant } from "../core/instant.ts";
import type { IssuedApiKey } from "../usecases/create-api-key.ts";

const instantIfAny = (epochMs: number | undefined): string | undefined =>
	epochMs === undefined ? undefined : instant(epochMs);

/** A key as it is listed: never with its secret. */
export const apiKeyView = ({
	id,
	name,
	mode,
	secrets,
	createdAt,
	lastUsedAt,
	revokedAt,
}: ApiKey): ApiKeyView => ({
	id,
	name,
	mode,
	prefix: secrets[0]?.prefix ?? "",
	created_at: instant(createdAt),
	last_used_at: instantIfAny(lastUsedAt),
	revoked_at: instantIfAny(revokedAt),
});

/** A key with its secret: the only time that it is shown. */
export const issuedKeyView = ({ key, secret }: IssuedApiKey): IssuedKeyView => ({
	id: key.id,
	name: key.name,
	mode: key.mode,
	key: secret,
	created_at: instant(key.createdAt),
});
