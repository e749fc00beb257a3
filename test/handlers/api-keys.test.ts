import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

describe("API keys over HTTP", () => {
	it("are shown once, listed without their secret, and revoked", async () => {
		const created = await request("POST", "/v1/apikeys", { body: { name: "ci", mode: "test" } });
		expect(created).toMatchObject({
			status: 201,
			body: { name: "ci", mode: "test", key: expect.stringMatching(/^aq_test_/) },
		});
		const listed = await request("GET", "/v1/apikeys");
		expect(JSON.stringify(listed.body)).not.toContain(created.body.key);
		expect(listed.body.api_keys.at(-1)).toMatchObject({
			id: created.body.id,
			prefix: created.body.key.slice(0, 12),
		});
		expect(await request("DELETE", `/v1/apikeys/${created.body.id}`)).toMatchObject({
			status: 204,
			body: undefined,
		});
		const headers = { authorization: `Bearer ${created.body.key}` };
		expect(await request("GET", "/v1/tasks", { headers })).toMatchObject({ status: 401 });
	});
});
