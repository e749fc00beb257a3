import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import type { ListeningProgram } from "../support/listening-program.ts";
import { unique } from "../support/scenario.ts";
import { newApiKey, startServer, startServerInVain } from "../support/server-process.ts";
import { isDeployment } from "../support/target.ts";
import type { BatchView, ProblemView } from "../support/wire-format.ts";

const serverWith = (limit: string) => ({
	dataDir: ":memory:",
	apiKey: newApiKey(),
	settings: { ASYNCQUEUE_API_RATE_LIMIT: limit },
});

describe.skipIf(isDeployment)("a server whose API is limited", () => {
	const options = serverWith("120/3600");
	let server: ListeningProgram;
	let api: ApiClient;

	beforeAll(async () => {
		server = await startServer(options);
		api = new ApiClient(server.url, options.apiKey);
	});
	afterAll(async () => {
		await api.close();
		await server.stop();
	});

	test("takes what the limit allows, then tells a team when to come again, and others nothing", async () => {
		const task = { queue: unique("limited"), webhook_url: `${server.url}/dev/inbox`, delay: 3_600 };
		const tasks = Array.from({ length: 100 }, () => task);
		const batch = await api.call<BatchView>("POST", "/v1/tasks/batch", { json: { tasks } });
		expect(batch.status).toBe(200);
		expect(batch.body.results.map(({ status }) => status)).toStrictEqual(tasks.map(() => 201));
		expect(batch.headers).toMatchObject({
			"ratelimit-policy": '"team";q=120;w=3600',
			ratelimit: expect.stringMatching(/^"team";r=20;t=[1-9]\d*$/),
		});

		const answers = await Promise.all(
			Array.from({ length: 25 }, () => api.call<ProblemView>("GET", "/v1/queues")),
		);

		const refused = answers.filter(({ status }) => status !== 200);
		expect(answers).toHaveLength(20 + refused.length);
		expect(refused).toHaveLength(5);
		for (const { status, headers, body } of refused) {
			expect(status).toBe(429);
			expect(headers["content-type"]).toBe("application/problem+json");
			expect(headers["ratelimit"]).toMatch(/^"team";r=0;t=[1-9]\d*$/);
			expect(Number(headers["retry-after"])).toBeGreaterThan(0);
			expect(body).toMatchObject({ status: 429, code: "rate_limited" });
		}
		const health = await api.withKey(undefined).call("GET", "/health");
		expect(health.status).toBe(200);
		expect(health.headers).not.toHaveProperty("ratelimit-policy");
	});
});

describe.skipIf(isDeployment)("a server whose limit is no limit", () => {
	test("says so instead of starting", async () => {
		const { output } = await startServerInVain(serverWith("600"));
		expect(output).toContain("ASYNCQUEUE_API_RATE_LIMIT: must look like 600/60: requests / seconds");
	});
});
