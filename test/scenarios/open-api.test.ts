import type { Dispatcher } from "undici";
import { beforeAll, describe, expect, test } from "vitest";
import { openApiDocument } from "../../lambda/openapi/document.ts";
import type { ApiClient } from "../support/api-client.ts";
import { openScenario, unique } from "../support/scenario.ts";
import { reply } from "../support/webhook-answers.ts";
import type { ApiKeyView, JobView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();
const document = openApiDocument();

/** With a key for tests: the examples' webhooks are somebody else's. */
let testing: ApiClient;
beforeAll(async () => {
	const json = { name: unique("examples"), mode: "test" };
	testing = api.withKey((await api.expectCall<ApiKeyView>(201, "POST", "/v1/apikeys", { json })).key);
});

const newQueue = async (): Promise<string> => {
	const name = unique("example");
	await testing.expectCall(200, "PUT", `/v1/queues/${name}`);
	return name;
};

const pendingTask = async (): Promise<string> => {
	const { url } = receiver.hook();
	return (await testing.createTask({ queue: unique("example"), webhook_url: url, delay: 3_600 })).id;
};

const failedTask = async (): Promise<string> => {
	const hook = receiver.hook([], reply(500));
	const { id } = await api.createTask({ queue: unique("example"), webhook_url: hook.url, max_retries: 0 });
	return (await api.taskInStatus(id, "failed")).id;
};

const newKey = async (): Promise<string> => {
	const json = { name: unique("example") };
	return (await testing.expectCall<ApiKeyView>(201, "POST", "/v1/apikeys", { json })).id;
};

/** The path with something in the place of every parameter that the operation can work on. */
const realPath = async (operationId: string, path: string): Promise<string> => {
	const queue = path.includes("{queue}") ? await newQueue() : "";
	const taskId = () => (operationId === "retryTask" ? failedTask() : pendingTask());
	const jobId = async () =>
		(await testing.expectCall<JobView>(202, "POST", `/v1/queues/${queue}/redrive`)).id;
	return path
		.replace("{queue}", queue)
		.replace("{task_id}", path.includes("{task_id}") ? await taskId() : "")
		.replace("{job_id}", path.includes("{job_id}") ? await jobId() : "")
		.replace("{key_id}", path.includes("{key_id}") ? await newKey() : "");
};

const examples = Object.entries(document.paths).flatMap(([path, methods]) =>
	Object.entries(methods).flatMap(([method, { operationId, requestBody, responses }]) => {
		const bodies = requestBody?.content["application/json"]?.examples ?? { plain: undefined };
		const accepted = Object.keys(responses).filter((status) => status.startsWith("2"));
		return Object.entries(bodies).map(([name, example]) => ({
			title: `${operationId}, ${name}`,
			operationId,
			method: method.toUpperCase() as Dispatcher.HttpMethod,
			path,
			json: example?.value,
			accepted,
		}));
	}),
);

describe.concurrent("what /openapi.json says", () => {
	test("is there for everybody, and is what answers are compared with", async () => {
		const answer = await api.withKey(undefined).call("GET", "/openapi.json");

		expect(answer.status).toBe(200);
		expect(answer.headers["content-type"]).toBe("application/json");
		expect(answer.body).toStrictEqual(JSON.parse(JSON.stringify(document)));
	});

	test("is there as a page as well", async () => {
		const answer = await api.withKey(undefined).call<string>("GET", "/docs");

		expect(answer.status).toBe(200);
		expect(answer.body).toMatch(/^<!doctype html>/);
		expect(answer.body).toMatch(/^<pre>URL=https?:\/\/\S+$/m);
	});

	test.for(examples)("can be done: $title", async ({ operationId, method, path, json, accepted }) => {
		const answer = await testing.call(method, await realPath(operationId, path), { json });

		expect(accepted).toContain(String(answer.status));
	});
});
