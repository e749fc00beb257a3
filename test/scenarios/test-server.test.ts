import { afterEach, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../local/test-server.ts";
import { ApiClient } from "../support/api-client.ts";
import { importDocumented } from "../support/documented-code.ts";
import { isDeployment } from "../support/target.ts";

const opened: { server: TestServer; api: ApiClient }[] = [];
afterEach(async () => {
	for (const { server, api } of opened.splice(0)) {
		await api.close();
		await server.stop();
	}
});

const start = async () => {
	const server = await startTestServer();
	const api = new ApiClient(server.url, server.apiKey);
	opened.push({ server, api });
	return { server, api, task: { queue: "tests", webhook_url: `${server.url}/dev/inbox` } as const };
};

// It is a server of its own: skipped against a deployment.
describe.skipIf(isDeployment)("a server within the process of a test", () => {
	test("delivers to its inbox, tomorrow's task today", async () => {
		const { server, api, task } = await start();
		const { id } = await api.createTask({ ...task, delay: 86_400 });
		expect(server.inbox()).toEqual([]);
		server.advance(86_400);
		await api.taskInStatus(id, "completed");
		expect(server.inbox()).toMatchObject([
			{ answered: 200, signature: "verified", body: { task_id: id, attempt: 1 } },
		]);
	});

	test("fails as often and in the way that it is told", async () => {
		const { server, api, task } = await start();
		server.failNext(2, { status: 503 });
		const { id } = await api.createTask({ ...task, retry_backoff: "fixed" });
		for (const attempts of [1, 2]) {
			await api.taskWhen(id, "tried once more", (shown) => shown.attempts.length === attempts);
			server.advance(1);
		}
		const delivered = await api.taskInStatus(id, "completed");
		expect(delivered.attempts.map(({ response_code }) => response_code)).toEqual([503, 503, 200]);

		server.failNext(1, { drop: true });
		const dropped = await api.createTask({ ...task, max_retries: 0 });
		expect((await api.taskInStatus(dropped.id, "failed")).attempts).toMatchObject([
			{ error: "connection_reset" },
		]);
		expect(() => server.failNext(-1)).toThrow("next");
		expect(() => server.advance(0.5)).toThrow("advance");
	});

	test("has nothing to do with another one", async () => {
		const [one, other] = [await start(), await start()];
		one.server.advance(60);
		expect(other.api.baseUrl).not.toBe(one.api.baseUrl);
		expect(await other.api.expectCall(200, "GET", "/dev/clock")).toMatchObject({ ahead_seconds: 0 });
		expect((await one.api.withKey(other.api.key).call("GET", "/v1/tasks")).status).toBe(401);
	});

	test("stops although somebody waits for a task, who gets it as it is", async () => {
		const { server, api, task } = await start();
		const { id } = await api.createTask({ ...task, delay: 86_400 });
		const waiting = api.expectCall(200, "GET", `/v1/tasks/${id}?wait=20`);
		// Begun after it, and answered: by then the other one waits.
		await api.getTask(id);
		await server.stop();
		expect(await waiting).toMatchObject({ id, status: "pending" });
		opened.splice(0);
		await api.close();
	});
});

/** The example registers its own test. */
if (!isDeployment)
	describe("the example in docs/testing.md", async () => {
		await importDocumented("testing.md", "consumer");
	});
