import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../lambda/handlers/api.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { apiEventOf, eventShapes } from "../fuzz/api-event-of.ts";
import { apiRequests, resolveDraft } from "../fuzz/api-requests.ts";
import { KnownIds } from "../fuzz/known-ids.ts";
import { contractFaults } from "../fuzz/response-contract.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

const REQUESTS = 1_500;

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

describe("the API function", () => {
	it("answers whatever API Gateway may hand it with a result or a complete problem, and never with 5xx", async () => {
		const { secret } = await createApiKey(world.ports, "team-a", { name: "t", mode: "test" });
		const keys = { live: world.secret, test: secret };
		const handler = apiHandler(world.ports);
		const known = new KnownIds();
		const statuses = new Set<number>();
		const property = fc.asyncProperty(
			apiRequests("https://example.com/hook"),
			eventShapes,
			async (draft, shape) => {
				const request = resolveDraft(draft, known, keys);
				const result = await handler(apiEventOf(request, shape), {});
				const headers = result.headers as Record<string, string>;
				const response = { status: result.statusCode ?? 0, headers, body: result.body ?? "" };
				expect(contractFaults(response, "GET")).toEqual([]);
				known.learn(response);
				statuses.add(response.status);
			},
		);
		await fc.assert(property, { seed: 1, numRuns: REQUESTS });
		// What is only ever refused at the door has not been tested.
		expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 202, 204, 400, 401, 404, 405, 409, 415]));
		expect(world.logs.filter(({ level }) => level === "error")).toEqual([]);
	});
});
