import { hashSecret } from "../lambda/core/api-key.ts";
import type { Ports } from "../lambda/ports.ts";
import { createApiKey } from "../lambda/usecases/create-api-key.ts";
import { signingSecrets } from "../lambda/usecases/signing-secrets.ts";

/** The embedded server has one team. */
export const LOCAL_TEAM = "local";

const PRESET_NAME = "preset";
const GENERATED_NAME = "generated";

/**
 * The key that the operator chose, made known if it is new. One that is known has to open: with another folder's data key
 * this server would accept tasks and could sign none of them.
 */
const presetKey = async (ports: Ports, secret: string): Promise<string> => {
	const known = await ports.keys.findByHash(hashSecret(secret));
	if (known) {
		await signingSecrets(ports, known.teamId, known.id);
		return secret;
	}
	const mode = secret.startsWith("aq_test_") ? "test" : "live";
	await createApiKey(ports, LOCAL_TEAM, { name: PRESET_NAME, mode }, secret);
	return secret;
};

/** The key generated at an earlier start, while it is not revoked; otherwise a new one. */
const generatedKey = async (ports: Ports): Promise<string> => {
	const keys = await ports.keys.list(LOCAL_TEAM);
	const kept = keys.find(({ name, revokedAt }) => name === GENERATED_NAME && revokedAt === undefined);
	const [newest] = kept ? await signingSecrets(ports, LOCAL_TEAM, kept.id) : [];
	if (newest !== undefined) return newest;
	return (await createApiKey(ports, LOCAL_TEAM, { name: GENERATED_NAME, mode: "live" })).secret;
};

/** The key to print at start: the preset one, or one that is generated once and kept. */
export const ensureApiKey = (ports: Ports, preset: string | undefined): Promise<string> =>
	preset === undefined ? generatedKey(ports) : presetKey(ports, preset);
