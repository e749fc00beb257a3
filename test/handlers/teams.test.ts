import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

const task = { queue: "emails", webhook_url: "https://example.com/hook", payload: { n: 1 } };

describe("another team", () => {
	it("finds nothing of ours", async () => {
		const { secret } = await createApiKey(world.ports, "team-b", { name: "b", mode: "live" });
		const headers = { authorization: `Bearer ${secret}` };
		const { body } = await request("POST", "/v1/tasks", { body: task });
		const job = await request("POST", "/v1/queues/emails/redrive");
		const answers = await Promise.all([
			request("GET", `/v1/tasks/${body.id}`, { headers }),
			request("DELETE", `/v1/tasks/${body.id}`, { headers }),
			request("POST", `/v1/tasks/${body.id}/cancel`, { headers }),
			request("POST", `/v1/tasks/${body.id}/retry`, { headers }),
			request("GET", "/v1/queues/emails", { headers }),
			request("PATCH", "/v1/queues/emails", { headers, body: { paused: true } }),
			request("DELETE", "/v1/queues/emails", { headers }),
			request("DELETE", "/v1/queues/emails?force=true", { headers }),
			request("POST", "/v1/queues/emails/pause", { headers }),
			request("POST", "/v1/queues/emails/resume", { headers }),
			request("POST", "/v1/queues/emails/redrive", { headers }),
			request("POST", "/v1/queues/emails/cancel", { headers }),
			request("POST", "/v1/queues/emails/purge", { headers }),
			request("GET", `/v1/queues/emails/jobs/${job.body.id}`, { headers }),
			request("DELETE", `/v1/apikeys/${world.principal.keyId}`, { headers }),
			request("POST", `/v1/apikeys/${world.principal.keyId}/rotate`, { headers }),
		]);
		expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
		expect((await request("GET", "/v1/tasks", { headers })).body.tasks).toEqual([]);
		expect((await request("GET", "/v1/queues", { headers })).body.queues).toEqual([]);
	});
});
