import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	type ApiKey,
	ApiKeyMode,
	admits,
	apiKeyIdFor,
	formatSecret,
	hashSecret,
	isApiKeyId,
	liveSecrets,
	NewApiKey,
	RotateApiKey,
	rotated,
	SECRET_PATTERN,
	secretPrefix,
} from "../../lambda/core/api-key.ts";
import { NOW } from "./a-task.ts";

const secret = (hash: string, expiresAt?: number) => ({
	hash,
	prefix: "aq_live_0123",
	ciphertext: "…",
	...(expiresAt === undefined ? {} : { expiresAt }),
});

const keyWith = (...secrets: ApiKey["secrets"]): ApiKey => ({
	teamId: "team-a",
	id: "key-1",
	name: "Production",
	mode: "live",
	secrets,
	createdAt: NOW,
});

describe("a rotated API key", () => {
	it("has the new secret first, and what is at work yet for no longer than the overlap", () => {
		const key = keyWith(secret("c"), secret("b", NOW + 5), secret("a", NOW + 500), secret("0", NOW));
		const { secrets, ...rest } = rotated(key, secret("d"), { from: NOW, until: NOW + 100 });
		expect(secrets).toEqual([
			secret("d"),
			secret("c", NOW + 100),
			secret("b", NOW + 5),
			secret("a", NOW + 100),
		]);
		expect(rest).toEqual({ ...key, secrets: undefined });
	});
});

describe("the id of an API key", () => {
	it("is key_ and a ULID, and nothing else is one", () => {
		expect(isApiKeyId(apiKeyIdFor("01KANV8E00ABCDEFGHJKMNPQRS"))).toBe(true);
		for (const id of [
			"",
			"key_",
			"key_unknown",
			"xkey_01KANV8E00ABCDEFGHJKMNPQRS",
			"task_01KANV8E00ABCDEFGHJKMNPQRS",
			"key_01KANV8E00ABCDEFGHJKMNPQRSX",
		])
			expect(isApiKeyId(id)).toBe(false);
	});
});

describe("the secret of an API key", () => {
	it("says what it is for", () => {
		expect(formatSecret("live", new Uint8Array(24))).toBe(`aq_live_${"A".repeat(32)}`);
		expect(formatSecret("test", new Uint8Array(24).fill(255))).toBe(`aq_test_${"_".repeat(32)}`);
	});

	it("always has the form that is accepted, and needs no escaping in a header", () => {
		const bytes = fc.uint8Array({ minLength: 24, maxLength: 24 });
		fc.assert(
			fc.property(fc.constantFrom(...ApiKeyMode.options), bytes, (mode, random) => {
				expect(formatSecret(mode, random)).toMatch(SECRET_PATTERN);
			}),
		);
	});

	it.each([
		"",
		"aq_live_",
		"aq_prod_0123456789012345678901234567",
		"aq_live_0123",
		"x aq_live_0123456789012345678901234",
		"aq_live_0123456789012345678901234 x",
		`aq_live_${"0".repeat(129)}`,
	])("is not %j", (text) => {
		expect(text).not.toMatch(SECRET_PATTERN);
	});

	it("is looked up by its SHA-256", () => {
		const text = formatSecret("live", randomBytes(24));
		expect(hashSecret(text)).toBe(createHash("sha256").update(text).digest("hex"));
	});

	it("is shown again only by its first 12 characters: 4 of its 32", () => {
		const text = formatSecret("live", randomBytes(24));
		expect(secretPrefix(text)).toBe(text.slice(0, 12));
	});
});

describe("the secrets in force", () => {
	it("are the newest, and replaced ones within their overlap", () => {
		const key = keyWith(secret("new"), secret("old", NOW + 1), secret("gone", NOW));
		expect(liveSecrets(key, NOW).map(({ hash }) => hash)).toEqual(["new", "old"]);
	});

	it("are none when all have expired", () => {
		expect(liveSecrets(keyWith(secret("gone", NOW - 1)), NOW)).toEqual([]);
	});
});

describe("a key lets in", () => {
	const key = keyWith(secret("new"), secret("old", NOW + 1), secret("gone", NOW));

	it.each([
		["new", true],
		["old", true],
		["gone", false],
		["ne", false],
		["other", false],
		["", false],
	])("the secret %j: %s", (hash, isAdmitted) => {
		expect(admits(key, hash, NOW)).toBe(isAdmitted);
	});

	it("nobody once it is revoked", () => {
		expect(admits({ ...key, revokedAt: NOW }, "new", NOW)).toBe(false);
	});
});

describe("a request for a key", () => {
	it("is for a live key unless it says test", () => {
		expect(NewApiKey.parse({ name: " CI " })).toEqual({ name: "CI", mode: "live" });
		expect(NewApiKey.parse({ name: "CI", mode: "test" })).toEqual({ name: "CI", mode: "test" });
	});

	it.each([
		{},
		{ name: "" },
		{ name: " " },
		{ name: "x".repeat(101) },
		{ name: "a\ud800" },
		{ name: "x", mode: "prod" },
		{ name: "x", scope: 1 },
	])("is refused: %j", (body) => {
		expect(NewApiKey.safeParse(body).success).toBe(false);
	});

	it("rotates with a day of overlap unless told otherwise, up to 30 days", () => {
		expect(RotateApiKey.parse({})).toEqual({ overlap_seconds: 86_400 });
		expect(RotateApiKey.parse({ overlap_seconds: 0 })).toEqual({ overlap_seconds: 0 });
		expect(RotateApiKey.safeParse({ overlap_seconds: 2_592_001 }).success).toBe(false);
		expect(RotateApiKey.safeParse({ overlap_seconds: -1 }).success).toBe(false);
	});
});
