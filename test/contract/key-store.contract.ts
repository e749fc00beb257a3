import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApiKey, ApiKeySecret, Overlap } from "../../lambda/core/api-key.ts";
import type { KeyStore } from "../../lambda/key-store.ts";
import { uniqueApiKey, uniqueSecret } from "../support/unique-api-keys.ts";
import { NOON, uniqueTeam } from "../support/unique-tasks.ts";

export type KeyStoreHarness = Readonly<{ store: KeyStore; close(): Promise<void> }>;

/** An overlap that begins at noon. */
const overlapTo = (until: number): Overlap => ({ from: NOON, until });

const firstSecret = ({ secrets: [secret] }: ApiKey): ApiKeySecret => secret as ApiKeySecret;

/** What every `KeyStore` promises. */
export const keyStoreContract = (world: string, make: () => Promise<KeyStoreHarness>): void => {
	describe(world, () => {
		let harness: KeyStoreHarness;
		let store: KeyStore;

		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		const stored = async (changes: Partial<ApiKey> = {}): Promise<ApiKey> => {
			const key = uniqueApiKey(changes);
			await store.put(key);
			return key;
		};

		describe("keeping API keys", () => {
			it("gives a key back by its id and by the hash of its secret", async () => {
				const key = await stored({ mode: "test", name: "Größe 🗝" });
				expect(await store.get(key.teamId, key.id)).toEqual(key);
				expect(await store.findByHash(firstSecret(key).hash)).toEqual(key);
			});

			it("gives every field and every secret back, the newest first", async () => {
				const secrets = [
					uniqueSecret(),
					{ ...uniqueSecret(), expiresAt: NOON + 2 },
					{ ...uniqueSecret(), expiresAt: 1 },
				];
				const key = await stored({ secrets, lastUsedAt: NOON + 3, revokedAt: NOON + 4 });
				expect(await store.get(key.teamId, key.id)).toEqual(key);
				for (const { hash } of secrets) expect(await store.findByHash(hash)).toEqual(key);
			});

			it("finds nothing for an unknown id, an unknown hash or another team", async () => {
				const key = await stored();
				expect(await store.get(key.teamId, "key_unknown")).toBeUndefined();
				expect(await store.get(uniqueTeam(), key.id)).toBeUndefined();
				expect(await store.findByHash(uniqueSecret().hash)).toBeUndefined();
				expect(await store.findByHash(firstSecret(key).ciphertext)).toBeUndefined();
			});

			it("forgets the secrets that a key has no more when it is put again", async () => {
				const key = await stored();
				const changed = { ...key, name: "changed", secrets: [uniqueSecret()] };
				await store.put(changed);
				expect(await store.findByHash(firstSecret(key).hash)).toBeUndefined();
				expect(await store.findByHash(firstSecret(changed).hash)).toEqual(changed);
				expect(await store.get(key.teamId, key.id)).toEqual(changed);
			});

			it("lists a team's keys, oldest first, revoked ones included", async () => {
				const teamId = uniqueTeam();
				const third = await stored({ teamId, createdAt: NOON + 3 });
				const first = await stored({ teamId, createdAt: NOON + 1, revokedAt: NOON + 9 });
				const second = await stored({ teamId, createdAt: NOON + 2 });
				await stored();
				expect(await store.list(teamId)).toEqual([first, second, third]);
				expect(await store.list(uniqueTeam())).toEqual([]);
			});
		});

		describe("revoking API keys", () => {
			it("marks a key revoked once: the first instant stays", async () => {
				const key = await stored();
				const revoked = { ...key, revokedAt: NOON + 1 };
				expect(await store.revoke(key.teamId, key.id, NOON + 1)).toEqual(revoked);
				expect(await store.revoke(key.teamId, key.id, NOON + 2)).toEqual(revoked);
				expect(await store.findByHash(firstSecret(key).hash)).toEqual(revoked);
			});

			it("knows nothing of another team's key", async () => {
				const key = await stored();
				expect(await store.revoke(uniqueTeam(), key.id, NOON)).toBeUndefined();
				expect(await store.get(key.teamId, key.id)).toEqual(key);
			});
		});

		describe("rotating API keys", () => {
			it("puts the new secret first and lets the old one expire", async () => {
				const key = await stored();
				const secret = uniqueSecret();
				const expected = { ...key, secrets: [secret, { ...firstSecret(key), expiresAt: NOON + 60 }] };
				expect(await store.rotate(key.teamId, key.id, secret, overlapTo(NOON + 60))).toEqual(expected);
				expect(await store.findByHash(secret.hash)).toEqual(expected);
				expect(await store.findByHash(firstSecret(key).hash)).toEqual(expected);
			});

			it("never lengthens the life of a secret that was replaced before", async () => {
				const key = await stored();
				const [second, third, fourth] = [uniqueSecret(), uniqueSecret(), uniqueSecret()];
				await store.rotate(key.teamId, key.id, second, overlapTo(NOON + 100));
				const later = await store.rotate(key.teamId, key.id, third, overlapTo(NOON + 500));
				expect(later?.secrets.map(({ expiresAt }) => expiresAt)).toEqual([undefined, NOON + 500, NOON + 100]);
				const rotated = await store.rotate(key.teamId, key.id, fourth, overlapTo(NOON + 50));
				expect(rotated?.secrets).toEqual([
					fourth,
					{ ...third, expiresAt: NOON + 50 },
					{ ...second, expiresAt: NOON + 50 },
					{ ...firstSecret(key), expiresAt: NOON + 50 },
				]);
			});

			it("keeps every secret of concurrent rotations", async () => {
				const key = await stored();
				const secrets = Array.from({ length: 5 }, uniqueSecret);
				await Promise.all(
					secrets.map((secret) => store.rotate(key.teamId, key.id, secret, overlapTo(NOON + 60))),
				);
				const found = await store.get(key.teamId, key.id);
				const hashes = [...secrets, firstSecret(key)].map(({ hash }) => hash);
				expect(found?.secrets.map(({ hash }) => hash).sort()).toEqual(hashes.sort());
				expect(found?.secrets.filter(({ expiresAt }) => expiresAt === undefined)).toHaveLength(1);
			});

			it("forgets secrets that have expired", async () => {
				const key = await stored();
				const [second, third] = [uniqueSecret(), uniqueSecret()];
				await store.rotate(key.teamId, key.id, second, { from: NOON, until: NOON + 100 });
				const later = await store.rotate(key.teamId, key.id, third, { from: NOON + 100, until: NOON + 500 });
				expect(later?.secrets).toEqual([third, { ...second, expiresAt: NOON + 500 }]);
				expect(await store.get(key.teamId, key.id)).toEqual(later);
				expect(await store.findByHash(firstSecret(key).hash)).toBeUndefined();
				expect(await store.findByHash(second.hash)).toEqual(later);
			});

			it("leaves a revoked key as it is", async () => {
				const key = await stored({ revokedAt: NOON });
				const secret = uniqueSecret();
				expect(await store.rotate(key.teamId, key.id, secret, overlapTo(NOON + 60))).toEqual(key);
				expect(await store.findByHash(secret.hash)).toBeUndefined();
			});

			it("knows nothing of another team's key", async () => {
				const key = await stored();
				const secret = uniqueSecret();
				expect(await store.rotate(uniqueTeam(), key.id, secret, overlapTo(NOON))).toBeUndefined();
				expect(await store.get(key.teamId, key.id)).toEqual(key);
				expect(await store.findByHash(secret.hash)).toBeUndefined();
			});
		});

		describe("encrypting API keys anew", () => {
			const walked = async (): Promise<ApiKey[]> => {
				const found: ApiKey[] = [];
				let cursor: string | undefined;
				do {
					const page = await store.walk(cursor);
					found.push(...page.keys);
					cursor = page.nextCursor;
				} while (cursor !== undefined);
				return found;
			};

			it("walks over the keys of every team, revoked ones included", async () => {
				const keys = [await stored(), await stored({ revokedAt: NOON }), await stored()];
				expect(await walked()).toEqual(expect.arrayContaining(keys));
			});

			it("replaces the ciphertexts and nothing else", async () => {
				const secrets = [uniqueSecret(), { ...uniqueSecret(), expiresAt: NOON + 2 }];
				const key = await stored({ secrets, lastUsedAt: NOON + 3 });
				const bystander = await stored();
				expect(await store.reseal(key, ["v2.new", "v2.old"])).toBe(true);
				const resealed = {
					...key,
					secrets: [
						{ ...secrets[0], ciphertext: "v2.new" },
						{ ...secrets[1], ciphertext: "v2.old" },
					],
				};
				expect(await store.get(key.teamId, key.id)).toEqual(resealed);
				for (const { hash } of secrets) expect(await store.findByHash(hash)).toEqual(resealed);
				expect(await store.get(bystander.teamId, bystander.id)).toEqual(bystander);
			});

			it("does nothing when the secrets are others by then, or the key is not there", async () => {
				const key = await stored();
				const rotated = await store.rotate(key.teamId, key.id, uniqueSecret(), overlapTo(NOON + 60));
				expect(await store.reseal(key, ["v2.late"])).toBe(false);
				expect(await store.get(key.teamId, key.id)).toEqual(rotated);
				expect(await store.reseal({ ...key, id: "key_unknown" }, ["v2.late"])).toBe(false);
				expect(await store.get(key.teamId, "key_unknown")).toBeUndefined();
			});

			it("also of a key that is revoked or used meanwhile", async () => {
				const key = await stored();
				await store.touch(key.teamId, key.id, NOON + 1);
				await store.revoke(key.teamId, key.id, NOON + 2);
				expect(await store.reseal(key, ["v2.new"])).toBe(true);
				expect(await store.get(key.teamId, key.id)).toMatchObject({
					lastUsedAt: NOON + 1,
					revokedAt: NOON + 2,
				});
			});
		});

		describe("noting the use of API keys", () => {
			it("remembers when a key was last used", async () => {
				const key = await stored();
				await store.touch(key.teamId, key.id, NOON + 1);
				expect(await store.get(key.teamId, key.id)).toEqual({ ...key, lastUsedAt: NOON + 1 });
				expect(await store.list(key.teamId)).toEqual([{ ...key, lastUsedAt: NOON + 1 }]);
			});

			it("keeps the latest of the uses that are noted late", async () => {
				const key = await stored();
				await store.touch(key.teamId, key.id, NOON + 2);
				await store.touch(key.teamId, key.id, NOON + 1);
				expect(await store.get(key.teamId, key.id)).toEqual({ ...key, lastUsedAt: NOON + 2 });
			});

			it("does not bring a key that is not there into being", async () => {
				const teamId = uniqueTeam();
				await store.touch(teamId, "key_unknown", NOON);
				expect(await store.get(teamId, "key_unknown")).toBeUndefined();
				expect(await store.list(teamId)).toEqual([]);
			});
		});
	});
};
