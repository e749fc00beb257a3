import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { readEmbeddedConfig } from "../../lambda/adapters/embedded/config.ts";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import type { TaskView } from "../../lambda/core/task-view.ts";
import type { Ports } from "../../lambda/ports.ts";
import { startLocalServer } from "../../local/local-server.ts";
import { ApiClient } from "../support/api-client.ts";
import { eventually } from "../support/eventually.ts";
import type { ProblemView } from "../support/wire-format.ts";
import { type HostileInternet, openHostileInternet } from "./hostile-internet.ts";
import { PUBLIC, REBINDING_NAMES } from "./hostile-names.ts";
import { type LiveService, openLiveService } from "./live-service.ts";
import { SSRF_CORPUS } from "./ssrf-corpus.ts";

let internet: HostileInternet;

/** Every site on the internet fails, and lets go of the connection: the next attempt has to resolve the name again. */
beforeAll(async () => {
	internet = await openHostileInternet((_, response) =>
		response.writeHead(500, { connection: "close" }).end(),
	);
});
afterAll(() => internet.close());

const open = async (choices: Partial<Ports> = {}): Promise<LiveService> => {
	const policy = addressPolicy();
	const service = await openLiveService({
		webhooks: internet.client(policy),
		addressPolicy: policy,
		...choices,
	});
	onTestFinished(() => service.close());
	internet.watch.take();
	return service;
};

const create = ({ request }: LiveService, url: string, maxRetries = 0) =>
	request("POST", "/v1/tasks", { body: { queue: "q", webhook_url: url, max_retries: maxRetries } });

/** What a task's attempts ended with, once it has failed. */
const endsOf = ({ request }: LiveService, { id }: TaskView): Promise<(string | null)[]> =>
	eventually(`task ${id} to fail`, async () => {
		const { body } = await request("GET", `/v1/tasks/${id}`);
		return body.status === "failed"
			? body.attempts.map(({ error }: { error: string | null }) => error)
			: undefined;
	});

it("every hostile URL is refused with a reason, or accepted and then blocked; none is connected to", async () => {
	const service = await open();
	const accepted: [name: string, task: TaskView, failure: string | undefined][] = [];
	for (const { name, url, fault, failure } of SSRF_CORPUS.filter(
		({ name }) => !name.startsWith("rebinding"),
	)) {
		const { status, body } = await create(service, url);
		const errors = fault && [{ path: "webhook_url", message: fault }];
		expect([name, status, body.errors]).toEqual([name, fault ? 400 : 201, errors]);
		if (!fault) accepted.push([name, body, failure]);
	}
	const ends = await Promise.all(accepted.map(async ([name, task]) => [name, await endsOf(service, task)]));
	expect(ends).toEqual(accepted.map(([name, , failure]) => [name, [failure]]));
	expect(internet.watch.take()).toEqual([]);
	expect(internet.local.accepted()).toBe(0);
});

it("a batch refuses them item by item, for the same reasons", async () => {
	const { request } = await open();
	const refused = SSRF_CORPUS.filter(({ fault }) => fault);
	for (let from = 0; from < refused.length; from += 100) {
		const items = refused.slice(from, from + 100);
		const tasks = items.map(({ url }) => ({ queue: "q", webhook_url: url }));
		const { body } = await request("POST", "/v1/tasks/batch", { body: { tasks } });
		expect(
			body.results.map(({ status, errors }: { status: number; errors: unknown }) => [status, errors]),
		).toEqual(items.map(({ fault }) => [400, [{ path: "webhook_url", message: fault }]]));
	}
	expect(internet.watch.take()).toEqual([]);
});

it("a task that was accepted while everything was allowed is blocked when it is due", async () => {
	const service = await open({ addressPolicy: addressPolicy({ allowPrivate: true, deniedPorts: [] }) });
	const urls = SSRF_CORPUS.filter(({ fault }) => /public address|https$|port/.test(fault ?? "")).map(
		({ url }) => url,
	);
	const tasks = [];
	for (const url of urls) {
		const { status, body } = await create(service, url);
		expect([url, status]).toEqual([url, 201]);
		tasks.push(body);
	}
	const ends = await Promise.all(tasks.map(async (task) => [task.webhook_url, await endsOf(service, task)]));
	expect(ends).toEqual(urls.map((url) => [url, ["blocked_address"]]));
	expect(tasks.length).toBeGreaterThan(150);
	expect(internet.watch.take()).toEqual([]);
});

it("a name that is public at the first attempt and private at the second is called once", async () => {
	const service = await open();
	const tasks: TaskView[] = [];
	for (const [host] of REBINDING_NAMES) tasks.push((await create(service, `https://${host}/`, 1)).body);
	const ends = await Promise.all(tasks.map((task) => endsOf(service, task)));
	expect(ends).toEqual(tasks.map(() => ["http_500", "blocked_address"]));
	expect(internet.watch.take()).toEqual(tasks.map(() => ({ address: PUBLIC.one, port: 443 })));
});

it("creation asks no name server: what a name resolves to counts when it is called", async () => {
	const service = await open();
	const asked = internet.names.queries.length;
	const { body } = await service.request("POST", "/v1/tasks", {
		body: { queue: "later", webhook_url: "https://later.attacker.test/", delay: 3_600 },
	});
	expect(body.status).toBe("pending");
	expect(internet.names.queries.length).toBe(asked);
});

it("the server that npm start runs keeps to its settings", async () => {
	const config = readEmbeddedConfig({
		PORT: "0",
		ASYNCQUEUE_DATA: ":memory:",
		ASYNCQUEUE_ALLOW_PRIVATE: "false",
		ASYNCQUEUE_ALLOW_CIDRS: "10.1.0.0/16",
		ASYNCQUEUE_DENY_PORTS: "default,6379",
		ASYNCQUEUE_LOG_LEVEL: "silent",
	});
	const server = await startLocalServer(config);
	const api = new ApiClient(server.url, server.apiKey);
	onTestFinished(async () => {
		await api.close();
		await server.stop();
	});
	const answerTo = async (url: string) => {
		const json = { queue: "q", webhook_url: url, delay: 3_600 };
		const { status, body } = await api.call<ProblemView>("POST", "/v1/tasks", { json });
		return status === 201 ? status : body.errors?.map(({ message }) => message);
	};
	expect(await answerTo("https://169.254.169.254/")).toEqual(["must point to a public address"]);
	expect(await answerTo(`${server.url}/dev/inbox`)).toEqual(["must point to a public address"]);
	expect(await answerTo("http://10.1.2.3:6379/")).toEqual(["must not use port 6379"]);
	expect(await answerTo("http://10.1.2.3:25/")).toEqual(["must not use port 25"]);
	expect(await answerTo("http://10.1.2.3:8080/")).toBe(201);
});
