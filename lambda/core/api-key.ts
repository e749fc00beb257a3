import { hash, timingSafeEqual } from "node:crypto";
import * as z from "zod";

export const ApiKeyMode = z
	.enum(["live", "test"])
	.describe("`live` keys run tasks; what `test` keys create is never sent to its webhook.");
export type ApiKeyMode = z.infer<typeof ApiKeyMode>;

/** Half a surrogate pair cannot be stored as UTF-8: it would come back as something else. */
const Name = z
	.string()
	.trim()
	.min(1)
	.max(100)
	.refine((text) => text.isWellFormed(), "must be well-formed Unicode")
	.meta({ description: "What the key is for, in your own words.", examples: ["checkout service"] });

/** Body of `POST /v1/apikeys`. */
export const NewApiKey = z
	.strictObject({ name: Name, mode: ApiKeyMode.default("live") })
	.describe("An API key to create.");
export type NewApiKey = z.infer<typeof NewApiKey>;

/** Body of `POST /v1/apikeys/:id/rotate`. */
export const RotateApiKey = z
	.strictObject({
		overlap_seconds: z
			.int()
			.min(0)
			.max(2_592_000)
			.describe("How long the old secret keeps working and co-signing, in seconds.")
			.default(86_400),
	})
	.describe("How to rotate an API key.");

/**
 * One secret of an API key. It is looked up by `hash` (SHA-256, hex) and signs after decrypting `ciphertext`.
 * `expiresAt` (epoch ms) is set when a rotation replaced it.
 */
export const ApiKeySecret = z.object({
	hash: z.string(),
	prefix: z.string(),
	ciphertext: z.string(),
	expiresAt: z.int().optional(),
});
export type ApiKeySecret = Readonly<z.infer<typeof ApiKeySecret>>;

/** A team's API key. The newest secret comes first. Instants are epoch ms. */
export const ApiKey = z.object({
	teamId: z.string(),
	id: z.string(),
	name: z.string(),
	mode: ApiKeyMode,
	secrets: z.array(ApiKeySecret).readonly(),
	createdAt: z.int(),
	lastUsedAt: z.int().optional(),
	revokedAt: z.int().optional(),
});
export type ApiKey = Readonly<z.infer<typeof ApiKey>>;

/** The full key that a client sends and a receiver verifies with: `aq_live_…` or `aq_test_…`. */
export const SECRET_PATTERN = /^aq_(live|test)_[A-Za-z0-9_-]{24,128}$/;

const VISIBLE_CHARACTERS = 12;

/** A new secret from 24 random bytes (192 bits, so a plain SHA-256 is enough to look it up). */
export const formatSecret = (mode: ApiKeyMode, randomBytes: Uint8Array): string =>
	`aq_${mode}_${Buffer.from(randomBytes).toString("base64url")}`;

const KEY_ID = /^key_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Key ids sort by creation, like their ULIDs. */
export const apiKeyIdFor = (ulid: string): string => `key_${ulid}`;

export const isApiKeyId = (id: string): boolean => KEY_ID.test(id);

export const hashSecret = (secret: string): string => hash("sha256", secret, "hex");

/** The part of a secret that may be shown again, to tell keys apart. */
export const secretPrefix = (secret: string): string => secret.slice(0, VISIBLE_CHARACTERS);

/** From when until when an old secret and its successor are both at work. Epoch ms. */
export type Overlap = Readonly<{ from: number; until: number }>;

/** Secrets of a key that may be at work at a time: each signs every call, and a receiver has to try as many. */
export const MAX_LIVE_SECRETS = 5;

/** Secrets that still authenticate and sign at `now` (epoch ms): the newest, and older ones within their overlap. */
export const liveSecrets = (key: ApiKey, now: number): readonly ApiKeySecret[] =>
	key.secrets.filter((secret) => secret.expiresAt === undefined || secret.expiresAt > now);

/** The key with `secret` in front of those that are at work yet, which expire at the end of `overlap` at the latest. */
export const rotated = (key: ApiKey, secret: ApiKeySecret, { from, until }: Overlap): ApiKey => {
	const old = liveSecrets(key, from);
	return {
		...key,
		secrets: [
			secret,
			...old.map((each) => ({ ...each, expiresAt: Math.min(each.expiresAt ?? until, until) })),
		],
	};
};

const isSameText = (one: string, other: string): boolean => {
	const [left, right] = [Buffer.from(one), Buffer.from(other)];
	return left.length === right.length && timingSafeEqual(left, right);
};

/**
 * Whether the secret with this SHA-256 (hex) may come in with `key` at `now` (epoch ms). Takes the same steps whatever
 * is wrong, and compares in constant time.
 */
export const admits = (key: ApiKey, secretHash: string, now: number): boolean => {
	const matching = liveSecrets(key, now).filter((secret) => isSameText(secret.hash, secretHash));
	return matching.length > 0 && key.revokedAt === undefined;
};
