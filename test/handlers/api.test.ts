import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../lambda/handlers/api.ts";
import type { Ports } from "../../lambda/ports.ts";
import { apiEvent } from "../support/api-events.ts";
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

describe("POST /v1/tasks", () => {
	it("answers 201 with the task and where to find it", async () => {
		const created = await request("POST", "/v1/tasks", { body: task });
		expect(created.status).toBe(201);
		expect(created.headers["location"]).toBe(`/v1/tasks/${created.body.id}`);
		expect(created.headers["x-request-id"]).toBe("request-1");
		const shown = await request("GET", String(created.headers["location"]));
		expect(shown).toMatchObject({ status: 200, body: created.body });
	});

	it("takes a base64 body, as API Gateway sends those of unknown types", async () => {
		const created = await request("POST", "/v1/tasks", { body: task, base64: true });
		expect(created).toMatchObject({ status: 201, body: { payload: { n: 1 } } });
	});

	it("lists every fault, not just the first", async () => {
		const body = {
			queue: "-",
			webhook_url: "ftp://x",
			delay: -1,
			priority: 11,
			max_retries: 1.5,
			paylod: {},
		};
		const refused = await request("POST", "/v1/tasks", { body });
		expect(refused).toMatchObject({
			status: 400,
			headers: { "content-type": "application/problem+json" },
			body: { code: "invalid_request", status: 400, type: "urn:asyncqueue:error:invalid_request" },
		});
		expect(refused.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
			"delay",
			"max_retries",
			"paylod",
			"priority",
			"queue",
			"webhook_url",
		]);
	});

	it("replays the answer for a known Idempotency-Key and says so", async () => {
		const headers = { "idempotency-key": "order-1" };
		const first = await request("POST", "/v1/tasks", { body: task, headers });
		const second = await request("POST", "/v1/tasks", { body: task, headers });
		expect(first.headers["idempotent-replayed"]).toBeUndefined();
		expect(second).toMatchObject({
			status: 201,
			body: first.body,
			headers: { "idempotent-replayed": "true" },
		});
		const other = await request("POST", "/v1/tasks", { body: { ...task, queue: "other" }, headers });
		expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
		const unusable = { "idempotency-key": "x".repeat(256) };
		expect(await request("POST", "/v1/tasks", { body: task, headers: unusable })).toMatchObject({
			status: 400,
		});
	});
});

describe("requests that are refused before their meaning matters", () => {
	it.each([
		["malformed JSON", { body: '{"queue": ' }, 400, "malformed_json"],
		["a body that is not an object", { body: "[]" }, 400, "invalid_request"],
		["no body", {}, 400, "invalid_request"],
		[
			"another content type",
			{ body: "a=b", headers: { "content-type": "text/plain" } },
			415,
			"unsupported_media_type",
		],
		[
			"a payload over 256 KiB",
			{ body: { ...task, payload: { x: "x".repeat(262_144) } } },
			413,
			"payload_too_large",
		],
		[
			"a body over the limit",
			{ body: { ...task, payload: { x: "x".repeat(2_100_000) } } },
			413,
			"body_too_large",
		],
	])("%s", async (_, options, status, code) => {
		const refused = await request("POST", "/v1/tasks", options);
		expect(refused).toMatchObject({ status, body: { code, status, error: refused.body.detail } });
		expect(refused.headers["x-request-id"]).toBe("request-1");
	});

	it("never quotes the body back", async () => {
		const refused = await request("POST", "/v1/tasks", { body: '{"secret": hunter2}' });
		expect(JSON.stringify(refused.body)).not.toContain("hunter2");
	});

	it("an unknown route is 404, a wrong method 405 with the right ones", async () => {
		for (const path of ["/v1/nothing", "/openapi-json"])
			expect(await request("GET", path)).toMatchObject({ status: 404, body: { code: "route_not_found" } });
		expect(await request("PATCH", "/v1/tasks")).toMatchObject({
			status: 405,
			headers: { allow: "POST, GET" },
			body: { code: "method_not_allowed" },
		});
	});
});

describe("authentication", () => {
	it("takes Bearer and X-API-Key", async () => {
		const handler = apiHandler(world.ports);
		const headers = { "x-api-key": world.secret };
		expect(await handler(apiEvent("GET", "/v1/tasks", { headers }), {})).toMatchObject({ statusCode: 200 });
	});

	it.each([
		["none", {}, "API key required"],
		["an unknown one", { authorization: `Bearer aq_live_${"x".repeat(32)}` }, "Invalid or revoked API key"],
		["another scheme", { authorization: "Basic YTpi" }, "Invalid or revoked API key"],
	])("answers 401 to %s", async (_, headers, error) => {
		const result = await apiHandler(world.ports)(apiEvent("GET", "/v1/tasks", { headers }), {});
		expect(result.statusCode).toBe(401);
		expect(JSON.parse(result.body ?? "")).toMatchObject({ error });
	});

	it("is not needed for /health", async () => {
		const result = await apiHandler(world.ports)(apiEvent("GET", "/health"), {});
		expect(JSON.parse(result.body ?? "")).toMatchObject({ status: "ok" });
	});
});

describe("our own faults", () => {
	it("are a 500 that says nothing, logged with the request's id", async () => {
		const failing = {
			...world.ports,
			tasks: { ...world.ports.tasks, list: () => Promise.reject(new Error("disk on fire")) },
		};
		const failed = await request("GET", "/v1/tasks", {}, failing as unknown as Ports);
		expect(failed).toMatchObject({ status: 500, body: { code: "internal_error" } });
		expect(JSON.stringify(failed.body)).not.toContain("disk");
		expect(world.logs).toContainEqual(
			expect.objectContaining({
				level: "error",
				fields: expect.objectContaining({ request_id: "request-1" }),
			}),
		);
	});
});
