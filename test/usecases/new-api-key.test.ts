import { afterEach, beforeEach, expect, it } from "vitest";
import { hashSecret } from "../../lambda/core/api-key.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { revokeApiKey } from "../../lambda/usecases/revoke-api-key.ts";
import { rotateApiKey } from "../../lambda/usecases/rotate-api-key.ts";
import { overriding } from "../support/port-overrides.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

it("a new key is kept as its hash, its first characters and a text that only its team can open", async () => {
	const { ports } = world;
	const { key, secret } = await createApiKey(ports, "team-b", { name: "ci", mode: "test" });
	const ciphertext = key.secrets[0]?.ciphertext ?? "";
	expect(key).toEqual({
		teamId: "team-b",
		id: expect.stringMatching(/^key_[0-9A-Z]{26}$/),
		name: "ci",
		mode: "test",
		secrets: [{ hash: hashSecret(secret), prefix: secret.slice(0, 12), ciphertext }],
		createdAt: START,
	});
	expect(await ports.keys.list("team-b")).toEqual([key]);
	expect(await ports.cipher.decrypt("team-b", ciphertext)).toBe(secret);
	await expect(ports.cipher.decrypt("team-a", ciphertext)).rejects.toThrow();
});

it("an operator may choose the secret of a key", async () => {
	const chosen = `aq_live_${"x".repeat(32)}`;
	const { secret, key } = await createApiKey(world.ports, "team-b", { name: "ci", mode: "live" }, chosen);
	expect(secret).toBe(chosen);
	expect(await world.ports.keys.findByHash(hashSecret(chosen))).toMatchObject({ id: key.id });
});

it("a rotated key keeps its mode, and its old secret until the overlap ends", async () => {
	const { ports } = world;
	const { key } = await createApiKey(ports, "team-b", { name: "ci", mode: "test" });
	const { key: rotated, secret } = await rotateApiKey(ports, "team-b", key.id, 60);
	expect(secret).toMatch(/^aq_test_/);
	expect(rotated.secrets.map(({ hash, expiresAt }) => [hash, expiresAt])).toEqual([
		[hashSecret(secret), undefined],
		[key.secrets[0]?.hash, START + 60_000],
	]);
});

it("a key that goes while it is rotated is told to be gone", async () => {
	const { keys } = world.ports;
	const vanishing: Partial<Ports["keys"]> = { rotate: async () => undefined };
	const ports = { ...world.ports, keys: overriding(keys, vanishing) };
	const { keyId, teamId } = world.principal;
	await expect(rotateApiKey(ports, teamId, keyId, 0)).rejects.toMatchObject({ code: "api_key_not_found" });
});

it("the instant of the first revocation stays", async () => {
	const { keyId, teamId } = world.principal;
	await revokeApiKey(world.ports, teamId, keyId);
	world.clock.advanceBy(5_000);
	await revokeApiKey(world.ports, teamId, keyId);
	expect(await world.ports.keys.get(teamId, keyId)).toMatchObject({ revokedAt: START });
});
