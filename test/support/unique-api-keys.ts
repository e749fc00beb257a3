import { randomUUID } from "node:crypto";
import { systemRandom } from "../../lambda/adapters/system.ts";
import { type ApiKey, type ApiKeySecret, apiKeyIdFor, hashSecret } from "../../lambda/core/api-key.ts";
import { NOON, uniqueTeam } from "./unique-tasks.ts";

/** A stored secret that belongs to no other key. */
export const uniqueSecret = (): ApiKeySecret => {
	const secret = `aq_live_${randomUUID()}`;
	return { hash: hashSecret(secret), prefix: secret.slice(0, 12), ciphertext: `v1.${randomUUID()}` };
};

/** A key like no other, with one secret. */
export const uniqueApiKey = (changes: Partial<ApiKey> = {}): ApiKey => ({
	teamId: uniqueTeam(),
	id: apiKeyIdFor(systemRandom.ulid(NOON)),
	name: "CI",
	mode: "live",
	secrets: [uniqueSecret()],
	createdAt: NOON,
	...changes,
});
