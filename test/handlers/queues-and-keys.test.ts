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

describe("queues", () => {
	it("are replaced as a whole by PUT and shown by GET", async () => {
		const settings = {
			max_retries: 0,
			retry_backoff: "fixed",
			retry_delay: 5,
			retry_max_delay: 10,
			timeout: 2,
		};
		expect(await request("GET", "/v1/queues/emails")).toMatchObject({ status: 404 });
		expect(await request("PUT", "/v1/queues/emails", { body: settings })).toMatchObject({ status: 200 });
		expect((await request("GET", "/v1/queues/emails")).body).toMatchObject({ name: "emails", ...settings });
		await request("PUT", "/v1/queues/emails", { body: { timeout: 3 } });
		expect((await request("GET", "/v1/queues/emails")).body).toMatchObject({ max_retries: 3, timeout: 3 });
	});

	it("refuse settings and names that make no sense", async () => {
		const refused = await request("PUT", "/v1/queues/emails", {
			body: { timeout: 0, retry_delay: 0, retires: 1 },
		});
		expect(refused.body.errors).toHaveLength(3);
		expect(await request("PUT", "/v1/queues/-bad", { body: {} })).toMatchObject({ status: 400 });
	});
});

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
