import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import type { ProblemView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

const goodTask = () => ({ queue: unique("refused"), webhook_url: receiver.hook().url });

type Request = Readonly<{ headers?: Record<string, string>; json?: unknown; text?: string }>;

const refusals: readonly (readonly [
	what: string,
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
	path: string,
	request: Request,
	status: number,
	code: string,
])[] = [
	["malformed JSON", "POST", "/v1/tasks", { text: '{"queue": ' }, 400, "malformed_json"],
	["a JSON array as body", "POST", "/v1/tasks", { json: [] }, 400, "invalid_request"],
	["an unknown route", "GET", "/v1/nothing-here", {}, 404, "route_not_found"],
	["an unknown task", "GET", "/v1/tasks/task_unknown", {}, 404, "task_not_found"],
	["retrying an unknown task", "POST", "/v1/tasks/task_unknown/retry", {}, 404, "task_not_found"],
	["cancelling an unknown task", "DELETE", "/v1/tasks/task_unknown", {}, 404, "task_not_found"],
	["an unknown queue", "GET", "/v1/queues/no-such-queue-7f3a", {}, 404, "queue_not_found"],
	["revoking an unknown key", "DELETE", "/v1/apikeys/key_unknown", {}, 404, "api_key_not_found"],
	["a method that the route does not have", "PATCH", "/v1/tasks", { json: {} }, 405, "method_not_allowed"],
	[
		"a payload above 256 KiB",
		"POST",
		"/v1/tasks",
		{ json: { ...goodTask(), payload: { text: "x".repeat(262_200) } } },
		413,
		"payload_too_large",
	],
	[
		"a body of 5 MB",
		"POST",
		"/v1/tasks",
		{ json: { ...goodTask(), payload: { text: "x".repeat(5_000_000) } } },
		413,
		"body_too_large",
	],
	[
		"a form",
		"POST",
		"/v1/tasks",
		{ text: "queue=a", headers: { "content-type": "application/x-www-form-urlencoded" } },
		415,
		"unsupported_media_type",
	],
];

describe.concurrent("the API refuses", () => {
	test.for(refusals)("%s as problem+json", async ([, method, path, request, status, code]) => {
		const answer = await api.call<ProblemView>(method, path, request);

		expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
		expect(answer.body).toMatchObject({
			type: expect.any(String),
			title: expect.any(String),
			detail: expect.any(String),
			error: expect.any(String),
			status,
			code,
		});
		expect(answer.status).toBe(status);
	});

	test("a bad task with every fault, not just the first", async () => {
		const answer = await api.call<ProblemView>("POST", "/v1/tasks", {
			json: {
				queue: "-starts badly",
				webhook_url: "ftp://example.com/file",
				payload: ["not an object"],
				delay: -1,
				priority: 11,
				max_retries: 1.5,
				retry_backoff: "linear",
				timeout: 121,
				webhok_url: "a typo",
			},
		});

		expect(answer.status).toBe(400);
		expect(answer.body.code).toBe("invalid_request");
		const paths = answer.body.errors?.map((fault) => fault.path) ?? [];
		expect(paths).toEqual(
			expect.arrayContaining([
				"queue",
				"webhook_url",
				"payload",
				"delay",
				"priority",
				"max_retries",
				"retry_backoff",
				"timeout",
			]),
		);
		expect(JSON.stringify(answer.body.errors)).toContain("webhok_url");
	});

	test.for([
		["a missing queue", { webhook_url: "http://127.0.0.1/" }, "queue"],
		["a relative webhook", { queue: "q", webhook_url: "/hook" }, "webhook_url"],
		["a webhook with a password", { queue: "q", webhook_url: "http://a:b@127.0.0.1/" }, "webhook_url"],
		["a delay above a year", { queue: "q", webhook_url: "http://127.0.0.1/", delay: 31_536_001 }, "delay"],
		[
			"delay together with run_at",
			{ queue: "q", webhook_url: "http://127.0.0.1/", delay: 1, run_at: "2026-01-01T00:00:00Z" },
			"run_at",
		],
		[
			"a run_at without time",
			{ queue: "q", webhook_url: "http://127.0.0.1/", run_at: "2026-01-01" },
			"run_at",
		],
	] as const)("%s and names the field", async ([, json, path]) => {
		const answer = await api.call<ProblemView>("POST", "/v1/tasks", { json });

		expect(answer.status).toBe(400);
		expect(answer.body.errors).toMatchObject([{ path, message: expect.any(String) }]);
	});

	test("a request without a key", async () => {
		const answer = await api.withKey(undefined).call<ProblemView>("GET", "/v1/tasks");

		expect(answer.status).toBe(401);
		expect(answer.body).toMatchObject({ error: "API key required", code: "api_key_required" });
	});

	test("a request with a wrong key", async () => {
		const stranger = api.withKey("aq_live_0123456789abcdef0123456789abcdef");
		const answer = await stranger.call<ProblemView>("POST", "/v1/tasks", { json: goodTask() });

		expect(answer.status).toBe(401);
		expect(answer.body).toMatchObject({
			error: "Invalid or revoked API key",
			code: "invalid_api_key",
		});
	});

	test("a wrong method and says which are right", async () => {
		const answer = await api.call("PUT", "/v1/tasks", { json: {} });

		expect(answer.status).toBe(405);
		expect(answer.headers["allow"]).toMatch(/GET.*POST|POST.*GET/);
	});
});

describe.concurrent("every answer", () => {
	test("carries an X-Request-Id of its own, errors included", async () => {
		const answers = await Promise.all([
			api.call("GET", "/health"),
			api.call("GET", "/v1/tasks"),
			api.call("POST", "/v1/tasks", { json: goodTask() }),
			api.call("POST", "/v1/tasks", { text: "{" }),
			api.call("GET", "/v1/nothing-here"),
			api.withKey(undefined).call("GET", "/v1/tasks"),
		]);

		const requestIds = answers.map((answer) => answer.headers["x-request-id"]);
		expect(answers.map((answer) => answer.status)).toStrictEqual([200, 200, 201, 400, 404, 401]);
		for (const id of requestIds) expect(id).toMatch(/^\S{8,}$/);
		expect(new Set(requestIds).size).toBe(answers.length);
	});

	test("to GET /health needs no key", async () => {
		expect((await api.withKey(undefined).call("GET", "/health")).status).toBe(200);
	});
});
