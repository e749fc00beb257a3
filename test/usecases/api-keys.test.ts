import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authenticate } from "../../lambda/usecases/authenticate.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { revokeApiKey } from "../../lambda/usecases/revoke-api-key.ts";
import { rotateApiKey } from "../../lambda/usecases/rotate-api-key.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const refused = (secret: string | undefined) =>
	expect(authenticate(world.ports, secret)).rejects.toMatchObject({ code: "invalid_api_key" });

describe("a key", () => {
	it("tells team and mode", async () => {
		const { key, secret } = await createApiKey(world.ports, "team-b", { name: "ci", mode: "test" });
		expect(secret).toMatch(/^aq_test_[A-Za-z0-9_-]{32}$/);
		expect(await authenticate(world.ports, secret)).toEqual({
			teamId: "team-b",
			keyId: key.id,
			mode: "test",
		});
	});

	it("is required, and must be one of ours", async () => {
		await expect(authenticate(world.ports, undefined)).rejects.toMatchObject({ code: "api_key_required" });
		await refused(`aq_live_${"x".repeat(32)}`);
		await refused("Robert'); DROP TABLE keys");
	});

	it("is never stored in clear", async () => {
		const stored = JSON.stringify(await world.ports.keys.list("team-a"));
		expect(stored).not.toContain(world.secret);
		expect(stored).toContain(world.secret.slice(0, 12));
	});

	it("notes its last use, at most once a minute", async () => {
		const lastUse = async () => (await world.ports.keys.list("team-a"))[0]?.lastUsedAt;
		await authenticate(world.ports, world.secret);
		expect(await lastUse()).toBe(START);
		world.clock.advanceBy(59_999);
		await authenticate(world.ports, world.secret);
		expect(await lastUse()).toBe(START);
		world.clock.advanceBy(1);
		await authenticate(world.ports, world.secret);
		expect(await lastUse()).toBe(START + 60_000);
	});
});

describe("revoking", () => {
	it("ends access at once, and twice is harmless", async () => {
		await revokeApiKey(world.ports, "team-a", world.principal.keyId);
		await refused(world.secret);
		await revokeApiKey(world.ports, "team-a", world.principal.keyId);
	});

	it("does not reach another team's key", async () => {
		await expect(revokeApiKey(world.ports, "team-b", world.principal.keyId)).rejects.toMatchObject({
			code: "api_key_not_found",
		});
		await expect(authenticate(world.ports, world.secret)).resolves.toBeDefined();
	});
});

describe("rotating", () => {
	it("lets both secrets in until the overlap ends", async () => {
		const { secret } = await rotateApiKey(world.ports, "team-a", world.principal.keyId, 100);
		world.clock.advanceBy(99_999);
		await expect(authenticate(world.ports, world.secret)).resolves.toMatchObject(world.principal);
		world.clock.advanceBy(1);
		await refused(world.secret);
		await expect(authenticate(world.ports, secret)).resolves.toMatchObject(world.principal);
	});

	it("without overlap ends the old secret at once", async () => {
		await rotateApiKey(world.ports, "team-a", world.principal.keyId, 0);
		await refused(world.secret);
	});

	it("is refused while five secrets are at work, unless it ends the old ones", async () => {
		const { ports, principal, clock, secret: first } = world;
		const rotate = (overlapSeconds: number) => rotateApiKey(ports, "team-a", principal.keyId, overlapSeconds);
		for (const overlapSeconds of [100, 300, 300, 300]) await rotate(overlapSeconds);
		await expect(rotate(1)).rejects.toMatchObject({
			code: "too_many_secrets",
			message: expect.stringMatching(/5 secrets .* "overlap_seconds": 0/),
		});
		await expect(authenticate(ports, first)).resolves.toMatchObject(principal);
		clock.advanceBy(100_000);
		await rotate(300);
		await expect(rotate(1)).rejects.toMatchObject({ code: "too_many_secrets" });
		const { key, secret } = await rotate(0);
		expect(key.secrets.filter(({ expiresAt }) => expiresAt === undefined)).toHaveLength(1);
		await expect(authenticate(ports, secret)).resolves.toMatchObject(principal);
		await rotate(1);
	});

	it("cannot bring a revoked key back", async () => {
		await revokeApiKey(world.ports, "team-a", world.principal.keyId);
		await expect(rotateApiKey(world.ports, "team-a", world.principal.keyId, 0)).rejects.toMatchObject({
			code: "api_key_revoked",
		});
		await refused(world.secret);
	});
});
