import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { readEmbeddedConfig } from "../../lambda/adapters/embedded/config.ts";
import { startLocalServer } from "../../local/local-server.ts";

/** A server on a free port, and requests to it under any name: `fetch` sets `Host` itself. */
const open = async (env: Readonly<Record<string, string>> = {}) => {
	const config = readEmbeddedConfig({
		PORT: "0",
		ASYNCQUEUE_DATA: ":memory:",
		ASYNCQUEUE_LOG_LEVEL: "silent",
		...env,
	});
	const server = await startLocalServer(config);
	onTestFinished(server.stop);
	const port = Number(new URL(server.url).port);
	const ask = (host: string, method: string, path: string, json?: string) =>
		new Promise<Readonly<{ status: number | undefined; body: string }>>((resolve, reject) => {
			const headers = { host: host.replace("PORT", String(port)), "content-type": "application/json" };
			request({ host: "127.0.0.1", port, method, path, headers })
				.on("response", async (answer) => resolve({ status: answer.statusCode, body: await text(answer) }))
				.on("error", reject)
				.end(json);
		});
	return ask;
};

/** Everything that is answered without a key and is not for strangers. */
const KEYLESS = [
	["GET", "/dev/inbox"],
	["POST", "/dev/inbox", "{}"],
	["DELETE", "/dev/inbox"],
	["POST", "/dev/inbox/fail", "{}"],
	["GET", "/dev/clock"],
	["POST", "/dev/clock", '{"advance":60}'],
	["GET", "/metrics"],
] as const;

test.each(["attacker.example:PORT", "localhost.attacker.example", "127.0.0.1.attacker.example:PORT"])(
	"a website whose name %s resolves to this machine reads and moves nothing that needs no key",
	async (host) => {
		const ask = await open();
		for (const [method, path, json] of KEYLESS) {
			const { status, body } = await ask(host, method, path, json);
			expect({ path, status, code: JSON.parse(body).code }).toEqual({
				path,
				status: 404,
				code: "route_not_found",
			});
		}
		expect(JSON.parse((await ask("127.0.0.1", "GET", "/dev/clock")).body).ahead_seconds).toBe(0);
	},
);

test.each(["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST", "app.localhost:PORT", "[::1]:PORT"])(
	"programs of this machine that call it %s get their answers",
	async (host) => {
		const ask = await open();
		for (const [method, path, json] of KEYLESS) {
			const { status } = await ask(host, method, path, json);
			expect({ path, isAnswered: status !== undefined && status < 300 }).toEqual({ path, isAnswered: true });
		}
	},
);

test("the API answers under every name: a proxy may stand in front of it", async () => {
	const ask = await open();
	expect((await ask("queue.example", "GET", "/health")).status).toBe(200);
	expect((await ask("queue.example", "GET", "/v1/tasks")).status).toBe(401);
});

test("a server that others reach has the names that they call it by", async () => {
	// In a form that is not taken for loopback, so that nobody else reaches this one.
	const ask = await open({ HOST: "127.1", ASYNCQUEUE_DEV: "true", ASYNCQUEUE_METRICS: "true" });
	expect((await ask("asyncqueue:PORT", "GET", "/dev/inbox")).status).toBe(200);
	expect((await ask("asyncqueue:PORT", "GET", "/metrics")).status).toBe(200);
});
