import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { json } from "../../lambda/middleware/reply.ts";
import { closeServer } from "../../local/close-server.ts";
import { exchange } from "../fuzz/connection.ts";
import { contractFaults } from "../fuzz/response-contract.ts";
import { closeAfterEach, get, listen, post } from "./listening-server.ts";

closeAfterEach();

/** Reached at once. */
const SHORT_TIMES = { headersTimeout: 100, requestTimeout: 200, checkingInterval: 20 };

const opened = async (port: number): Promise<Socket> => {
	const socket = connect({ port, host: "127.0.0.1" });
	await once(socket, "connect");
	return socket;
};

const closed = async (socket: Socket): Promise<void> => {
	socket.on("error", () => {}).resume();
	if (!socket.closed) await once(socket, "close");
};

describe("a client that takes its time", () => {
	it.each([
		["says nothing", ""],
		["does not finish its headers", "GET / HTTP/1.1\r\nHost: a\r\nX: "],
		["does not finish its body", `${post("Content-Length: 10")}12345`],
		["does not finish its chunks", `${post("Transfer-Encoding: chunked")}5\r\n12345\r\n`],
		["pauses within a later request", `${get("/")}GET / HTTP`],
	])("is answered 408 and cut off when it %s", async (_, bytes) => {
		const { port } = await listen(SHORT_TIMES);
		const isSecond = bytes.startsWith(get("/"));
		const { responses, closed } = await exchange(port, [{ send: bytes }], { count: 1, closes: true });
		expect(responses.map(({ status }) => status)).toEqual(isSecond ? [200, 408] : [408]);
		const last = responses.at(-1);
		expect(last && contractFaults(last, "GET")).toEqual([]);
		expect(JSON.parse(last?.body ?? "").code).toBe("request_timeout");
		expect(closed).toBe(true);
	});

	it("is cut off when it does not read its answer", async () => {
		const huge = "x".repeat(50_000_000);
		const { server, port } = await listen({ idleTimeout: 100 }, async () => json(200, { huge }));
		const socket = await opened(port);
		socket.on("error", () => {}).pause();
		socket.write(get("/"));
		const [connection] = await once(server, "request").then(([request]) => [request.socket]);
		await once(connection, "close");
		socket.destroy();
	});
});

describe("what clients can occupy", () => {
	it("is bounded by connections: more are closed at once, and others are let in when there is room again", async () => {
		const { server, port } = await listen({ connections: 2 });
		const [first] = await Promise.all([opened(port), opened(port)]);
		const dropped = once(server, "drop");
		await closed(await opened(port));
		await dropped;
		const left = once(server, "connection");
		first?.destroy();
		await expect
			.poll(
				async () =>
					(await exchange(port, [{ send: get("/") }], { count: 1, closes: false })).responses.length,
			)
			.toBe(1);
		await left;
	});

	it("is bounded by bodies that are arriving: who sends more is told to come back", async () => {
		const { port } = await listen({ arrivingBytes: 1_000 });
		const slow = await opened(port);
		slow.write(post("Content-Length: 2000") + "x".repeat(800));
		await expect
			.poll(async () => {
				const { responses } = await exchange(
					port,
					[{ send: post("Content-Length: 300") + "x".repeat(300) }],
					{ count: 1, closes: false },
				);
				return responses[0];
			})
			.toMatchObject({
				status: 503,
				headers: { "retry-after": "1", "content-type": "application/problem+json" },
			});
		slow.destroy();
		// What has been taken is given back.
		await expect
			.poll(async () => {
				const { responses } = await exchange(
					port,
					[{ send: post("Content-Length: 900") + "x".repeat(900) }],
					{ count: 1, closes: false },
				);
				return responses[0]?.status;
			})
			.toBe(200);
	});
});

describe("a refusal", () => {
	it("waits for the answer to the request before it", async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		const { server, port } = await listen({}, async () => {
			await promise;
			return json(200, {});
		});
		server.prependListener("clientError", () => setImmediate(resolve));
		const { responses } = await exchange(port, [{ send: `${get("/")}NONSENSE\r\n\r\n` }], {
			count: 2,
			closes: true,
		});
		expect(responses.map(({ status }) => status)).toEqual([200, 400]);
	});

	it("does not break the connection of a client that is still sending, or else it would not see the answer", async () => {
		const { port } = await listen({ bodyBytes: 1_000, linger: 10_000 });
		const socket = await opened(port);
		// Reads nothing before everything is sent: that works only if the server takes it.
		socket.pause().write(post("Content-Length: 20000000"));
		await new Promise<void>((resolve, reject) =>
			socket.write("x".repeat(20_000_000), (error) => (error ? reject(error) : resolve())),
		);
		let text = "";
		socket.on("data", (chunk) => {
			text += chunk;
		});
		await closed(socket);
		expect(text).toMatch(/^HTTP\/1\.1 413 /);
	});

	it("does not log what is the client's fault as ours", async () => {
		const { port } = await listen();
		await exchange(port, [{ send: `${post("Content-Length: 10")}12` }, { reset: true }], {
			count: 0,
			closes: false,
		});
		await exchange(port, [{ send: get("/") }], { count: 1, closes: false });
		// afterEach looks at the log.
	});
});

it("a client that says goodbye while its request is in hand still gets the answer", async () => {
	const { promise, resolve } = Promise.withResolvers<void>();
	const { server, port } = await listen({}, async () => {
		await promise;
		return json(200, {});
	});
	server.on("connection", (socket: Socket) => socket.once("end", () => setImmediate(resolve)));
	const { responses } = await exchange(port, [{ send: get("/") }, { halfClose: true }], {
		count: 1,
		closes: true,
	});
	expect(responses.map(({ status }) => status)).toEqual([200]);
});

describe("a server that closes", () => {
	it("lets requests in hand finish, and does not wait for clients that say nothing", async () => {
		const { promise: asked, resolve: nowAsked } = Promise.withResolvers<void>();
		const { promise, resolve } = Promise.withResolvers<void>();
		const { server, port } = await listen({}, async () => {
			nowAsked();
			await promise;
			return json(200, {});
		});
		const silent = await opened(port);
		const inHand = exchange(port, [{ send: get("/") }], { count: 1, closes: true });
		await asked;
		const done = closeServer(server, 500);
		resolve();
		expect((await inHand).responses.map(({ status }) => status)).toEqual([200]);
		await done;
		await closed(silent);
	});
});
