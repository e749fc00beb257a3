import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import type { ListeningProgram } from "../support/listening-program.ts";
import { keepSecret, secretsIn } from "../support/secret-watch.ts";
import { newApiKey, startServer } from "../support/server-process.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";
import { closeMidBody, redirectTo, reply } from "../support/webhook-answers.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";
import type { ApiKeyView } from "../support/wire-format.ts";

const folder = makeTemporaryFolder("secrets");
const canary = (): string => keepSecret(`canary-${randomUUID()}`);

/** Its key is in `client.key`. Answers with 4xx or 5xx are searched for secrets by the client itself. */
let client: ApiClient;
let server: ListeningProgram;
let receiver: WebhookReceiver;
beforeAll(async () => {
	const apiKey = newApiKey();
	[server, receiver] = await Promise.all([
		startServer({ dataDir: folder.path, apiKey }),
		WebhookReceiver.open(),
	]);
	client = new ApiClient(server.url, apiKey);
});
afterAll(async () => {
	await client.close();
	await receiver.close();
	await server.kill();
	folder.remove();
});

const refused = async (...request: Parameters<ApiClient["call"]>): Promise<number> => {
	const { status } = await client.call(...request);
	expect(status).toBeGreaterThanOrEqual(400);
	expect(status).toBeLessThan(500);
	return status;
};

describe("a server that says everything it can", () => {
	test("says no secret of tasks, whatever their webhooks do", async () => {
		const answers = [
			reply(200, { body: canary() }),
			reply(500, { body: canary(), headers: { "set-cookie": canary() } }),
			redirectTo(`https://example.com/?token=${canary()}`),
			closeMidBody,
		];
		for (const answer of answers) {
			const hook = receiver.hook([], answer);
			const task = await client.createTask(
				{
					queue: "canaries",
					webhook_url: hook.url,
					payload: { [canary()]: { token: canary() } },
					max_retries: 0,
				},
				{ "idempotency-key": canary() },
			);
			await client.taskWhen(task.id, "over", ({ status }) => status === "completed" || status === "failed");
		}
	});

	test("says no secret of requests that it refuses", async () => {
		const task = { queue: "canaries", webhook_url: "http://127.0.0.1:2/", payload: { token: canary() } };
		const post = (json: unknown, headers = {}) => refused("POST", "/v1/tasks", { json, headers });
		await post({ ...task, delay: canary() });
		await post({ ...task, queue: `${canary()}!` });
		await post({ ...task, payload: [canary()] });
		await post({ ...task, webhook_url: `ftp://example.com/?token=${canary()}` });
		await post({ ...task, webhook_url: `https://user:${canary()}@example.com/` });
		await post({ ...task, webhook_url: canary() });
		await post({ ...task, payload: { token: canary().repeat(10_000) } });
		await post(task, { "idempotency-key": canary().repeat(10) });
		await refused("POST", "/v1/tasks", { text: `{"payload":"${canary()}` });
		await refused("POST", "/v1/tasks/batch", { json: { tasks: canary() } });
		await refused("GET", `/v1/tasks?cursor=${canary()}&status=${canary()}&limit=${canary()}`);
		await refused("PATCH", "/v1/queues/canaries", { json: { timeout: canary(), rate_limit: canary() } });
		const key = canary();
		await client.createTask({ ...task, delay: 600 }, { "idempotency-key": key });
		expect(await post({ ...task, delay: 601 }, { "idempotency-key": key })).toBe(422);
	});

	test("does not repeat a key that somebody took for an id", async () => {
		const { key = "" } = await client.expectCall<ApiKeyView>(201, "POST", "/v1/apikeys", {
			json: { name: "x" },
		});
		for (const [method, path] of [
			["DELETE", `/v1/apikeys/${key}`],
			["POST", `/v1/apikeys/${key}/rotate`],
			["GET", `/v1/tasks/${key}`],
			["DELETE", `/v1/tasks/${key}`],
			["GET", `/v1/queues/${key}`],
			["GET", `/v1/queues/canaries/jobs/${key}`],
			["GET", `/v2/${key}`],
			["PUT", `/v1/tasks/${key}`],
		] as const)
			await refused(method, path);
	});

	test("does not say the keys that it refuses", async () => {
		for (const key of [newApiKey(), `${newApiKey()}!`, canary()]) {
			expect((await client.withKey(key).call("GET", "/v1/tasks")).status).toBe(401);
			expect(
				(await client.withKey(undefined).call("GET", "/v1/tasks", { headers: { "x-api-key": key } })).status,
			).toBe(401);
		}
	});

	test("is heard: what it printed is searched when it ends", async () => {
		const { printed } = await server.stop();
		expect(printed).toContain('"event":"delivery.attempted"');
		expect(printed).toContain('"path":"/v1/tasks/aq_live_');
		expect(secretsIn(`${printed}${client.key}`)).not.toEqual([]);
	});
});
