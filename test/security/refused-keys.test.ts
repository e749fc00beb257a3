import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CachedKeyStore } from "../../lambda/adapters/cached-key-store.ts";
import { SqliteKeyStore } from "../../lambda/adapters/embedded/sqlite-key-store.ts";
import { hashSecret } from "../../lambda/core/api-key.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { revokeApiKey } from "../../lambda/usecases/revoke-api-key.ts";
import { rotateApiKey } from "../../lambda/usecases/rotate-api-key.ts";
import { apiRequestOf } from "../support/api-request.ts";
import { recordedPorts } from "../support/recorded-ports.ts";
import { newApiKey } from "../support/server-process.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const aKey = () => createApiKey(world.ports, "team-a", { name: "ci", mode: "live" });

/** Secrets that are refused, each for a reason of its own. */
const wrongSecrets: Readonly<Record<string, () => Promise<string>>> = {
	unknown: async () => newApiKey(),
	"revoked a moment ago": async () => {
		const { key, secret } = await aKey();
		await revokeApiKey(world.ports, "team-a", key.id);
		return secret;
	},
	"past its overlap": async () => {
		const { key, secret } = await aKey();
		await rotateApiKey(world.ports, "team-a", key.id, 1);
		world.clock.advanceBy(1_000);
		return secret;
	},
	"revoked in its overlap": async () => {
		const { key, secret } = await aKey();
		await rotateApiKey(world.ports, "team-a", key.id, 600);
		await revokeApiKey(world.ports, "team-a", key.id);
		return secret;
	},
	"another's but for a character": async () => `${(await aKey()).secret.slice(0, -1)}!`,
	"too short": async () => "aq_live_0123",
	"no key at all": async () => "Robert'); DROP TABLE api_keys",
	"very long": async () => `aq_live_${"x".repeat(9_000)}`,
};

/** The answer to a request with this secret, and what the ports did for it. */
const refusalOf = async (secret: string, headers?: Record<string, string>) => {
	const { ports, calls } = recordedPorts(world.ports);
	const sent = headers ?? { authorization: `Bearer ${secret}` };
	return { answer: await apiRequestOf(world)("GET", "/v1/tasks?limit=1", { headers: sent }, ports), calls };
};

describe("a request with a wrong key", () => {
	it.each(Object.keys(wrongSecrets))("that is %s gets the same answer for the same work", async (reason) => {
		const expected = await refusalOf(newApiKey());
		const secret = (await wrongSecrets[reason]?.()) ?? "";
		const { answer, calls } = await refusalOf(secret);

		expect(answer).toStrictEqual(expected.answer);
		expect(answer).toMatchObject({
			status: 401,
			headers: { "content-type": "application/problem+json", "x-request-id": expect.any(String) },
			body: { code: "invalid_api_key", error: "Invalid or revoked API key" },
		});
		expect(calls).toStrictEqual(expected.calls);
		expect(calls).toStrictEqual(["keys.findByHash"]);
	});

	it("gets that answer in whichever header the key is", async () => {
		const secret = newApiKey();
		const expected = await refusalOf(secret);
		for (const headers of [{ "x-api-key": secret }, { authorization: `Basic ${secret}` }])
			expect((await refusalOf("", { authorization: "", ...headers })).answer.status).toBe(401);
		const { answer } = await refusalOf(secret, { authorization: `Basic ${secret}` });
		expect(answer).toStrictEqual(expected.answer);
	});

	it("costs the store one read, and none when it is repeated, whatever is wrong with it", async () => {
		for (const wrong of Object.values(wrongSecrets)) {
			const secret = await wrong();
			const { ports, calls } = recordedPorts({
				...world.ports,
				keys: new SqliteKeyStore(world.world.database),
			});
			const cold = new CachedKeyStore({ store: ports.keys, clock: world.clock });
			for (let request = 0; request < 3; request += 1) await cold.findByHash(hashSecret(secret));
			expect(calls).toStrictEqual(["keys.findByHash"]);
		}
	});
});
