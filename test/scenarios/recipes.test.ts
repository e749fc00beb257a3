import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RouteHandler } from "../../lambda/middleware/json-route.ts";
import { createHttpServer } from "../../local/http-server.ts";
import { startTestServer, type TestServer } from "../../local/test-server.ts";
import { ApiClient } from "../support/api-client.ts";
import { documentedCode, documentedFile, importDocumented } from "../support/documented-code.ts";
import { startListening } from "../support/listening-program.ts";
import { ensurePython, hasPython, PYTHON } from "../support/python-environment.ts";
import { recordingLog } from "../support/recording-log.ts";
import { isDeployment } from "../support/target.ts";
import type { TaskView } from "../support/wire-format.ts";

let queue: TestServer;
let api: ApiClient;

beforeAll(async () => {
	if (isDeployment) return;
	queue = await startTestServer();
	api = new ApiClient(queue.url, queue.apiKey);
	process.env["ASYNCQUEUE_API_KEY"] = queue.apiKey;
});
afterAll(async () => {
	if (isDeployment) return;
	delete process.env["ASYNCQUEUE_API_KEY"];
	await api.close();
	await queue.stop();
});

/** Whether a program is there and content; says so where a recipe is left out for its lack. */
const hasProgram = (recipe: string, command: string, args: readonly string[]): boolean => {
	try {
		execFileSync(command, args, { stdio: "ignore" });
		return true;
	} catch {
		console.log(`The recipe for ${recipe} is not run: \`${[command, ...args].join(" ")}\` fails here`);
		return false;
	}
};

/** A laptop has our Python when it has run the tests on AWS emulators; CI always does. */
const runsPython = (): boolean => {
	if (process.env["CI"] === "true") {
		const fault = ensurePython();
		if (fault) throw new Error(fault);
	}
	if (hasPython()) return true;
	console.log(
		"The recipe for Python is not run: `npm run test:aws` makes the Python environment that it needs",
	);
	return false;
};

const hasModule = (recipe: string, name: string): boolean => {
	try {
		return Boolean(import.meta.resolve(name));
	} catch {
		console.log(`The recipe for ${recipe} is not run: there is no module ${name} here`);
		return false;
	}
};

/** Listens until `use` is done with it. */
const served = async (server: Server, use: (url: string) => Promise<void>): Promise<void> => {
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	try {
		await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	} finally {
		server.closeAllConnections();
		server.close();
	}
};

/** A server that hands a function what an HTTP API or a Function URL does. */
const lambdaServer = (handler: RouteHandler): Server =>
	createHttpServer({ api: handler, beginWrites: () => async () => {}, log: recordingLog([]) });

/** What a recipe in this process prints while `use` is at it: the ids of the tasks that it has got. */
const printedBy = async (use: () => Promise<unknown>): Promise<string> => {
	const print = vi.spyOn(console, "log").mockImplementation(() => undefined);
	try {
		await use();
		return print.mock.calls.map(([taskId]) => taskId).join();
	} finally {
		print.mockRestore();
	}
};

/** Takes a genuine call with a large payload, whose task it returns, and no forged one. */
const calledId = async (webhookUrl: string): Promise<string> => {
	const payload = { order: 4_711, note: "ü".repeat(100_000) };
	const task = { queue: "recipes", webhook_url: webhookUrl, payload, max_retries: 0 };
	const { id } = await api.createTask(task);
	const { attempts } = await api.taskWhen(id, "called", ({ status }) => /completed|failed/.test(status));
	expect(attempts).toMatchObject([{ status: "success", response_code: 204 }]);
	const forged = await fetch(webhookUrl, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			"x-asyncqueue-signature": `t=${Math.floor(Date.now() / 1_000)},v1=${"0".repeat(64)}`,
			"webhook-id": id,
			"webhook-timestamp": String(Math.floor(Date.now() / 1_000)),
			"webhook-signature": `v1,${"A".repeat(43)}=`,
		},
		body: JSON.stringify({ task_id: id, queue: "recipes", payload: {}, attempt: 1 }),
	});
	expect(forged.status).toBe(401);
	return id;
};

/** The same of a recipe that runs in this process: it gets to its work once. */
const expectReceiver = async (webhookUrl: string): Promise<void> => {
	let id = "";
	const printed = await printedBy(async () => {
		id = await calledId(webhookUrl);
	});
	expect(printed).toBe(id);
};

// The recipes are tried on a server of their own: skipped against a deployment.
describe.skipIf(isDeployment)("the recipe for", () => {
	test("Next.js receives what is genuine", async () => {
		const { POST } = await importDocumented<{ POST: (request: Request) => Promise<Response> }>(
			"recipes/nextjs.md",
			"nextjs",
		);
		const server = lambdaServer(async (event) => {
			const { method } = event.requestContext.http;
			const headers = event.headers as Record<string, string>;
			const response = await POST(new Request(queue.url, { method, headers, body: event.body ?? null }));
			return { statusCode: response.status, body: await response.text() };
		});
		await served(server, expectReceiver);
	});

	test("Lambda receives what is genuine, in base64 too", async () => {
		const { handler } = await importDocumented<{ handler: RouteHandler }>("recipes/lambda.md", "lambda");
		await served(lambdaServer(handler), expectReceiver);
		const inBase64: RouteHandler = ({ body = "", ...event }, context) =>
			handler({ ...event, body: Buffer.from(body).toString("base64"), isBase64Encoded: true }, context);
		await served(lambdaServer(inBase64), expectReceiver);
	});

	test.skipIf(!hasModule("Express", "express"))("Express receives what is genuine", async () => {
		const { app } = await importDocumented<{ app: RequestListener }>("recipes/express.md", "express");
		await served(createServer(app), (url) => expectReceiver(`${url}/asyncqueue`));
	});

	test.skipIf(!runsPython())("Python receives what is genuine", async () => {
		const program = await startListening(
			["-u", documentedFile("recipes/python.md", "python.py")],
			{ PORT: "0", ASYNCQUEUE_API_KEY: queue.apiKey },
			PYTHON,
		);
		const id = await calledId(program.url);
		expect((await program.kill()).printed).toContain(id);
	});

	test.skipIf(!hasProgram("curl", "bash", ["-c", "curl --version && openssl version"]))(
		"curl creates a task once, waits for it, calls it off, and knows a signature",
		async () => {
			const env = {
				...process.env,
				ASYNCQUEUE_URL: queue.url,
				ASYNCQUEUE_API_KEY: queue.apiKey,
				WEBHOOK_URL: `${queue.url}/dev/inbox`,
			};
			const run = async (name: string, more: Readonly<Record<string, string>> = {}): Promise<string> => {
				const code = documentedCode("recipes/curl.md", name);
				const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", code], {
					env: { ...env, ...more },
				});
				return stdout;
			};
			const created: TaskView = JSON.parse(await run("create"));
			expect(JSON.parse(await run("create"))).toEqual(created);
			expect(created).toMatchObject({ status: "pending", delay: 3_600, payload: { order: 4_711 } });
			queue.advance(3_600);
			await api.taskInStatus(created.id, "completed");
			const TASK_ID = created.id;
			expect(JSON.parse(await run("wait", { TASK_ID }))).toMatchObject({ status: "completed" });
			await expect(run("cancel", { TASK_ID })).rejects.toThrow("409");
			const [call] = queue.inbox();
			const BODY = JSON.stringify(call?.body);
			const SIGNATURE = String(call?.headers["x-asyncqueue-signature"]);
			expect(await run("verify", { BODY, SIGNATURE })).toBe("genuine\n");
			await expect(run("verify", { BODY: BODY.replace("4711", "4712"), SIGNATURE })).rejects.toThrow();
		},
	);
});
