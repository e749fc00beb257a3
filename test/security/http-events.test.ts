import { describe, expect, it } from "vitest";
import { AsyncQueueError } from "../../lambda/core/errors.ts";
import type { ApiEvent } from "../../lambda/middleware/api-event.ts";
import { json, noContent } from "../../lambda/middleware/reply.ts";
import { exchange } from "../fuzz/connection.ts";
import { closeAfterEach, get, listen, post } from "./listening-server.ts";

closeAfterEach();

const eventOf = async (port: number, bytes: string): Promise<ApiEvent> => {
	const { responses } = await exchange(port, [{ send: bytes }], { count: 1, closes: false });
	return JSON.parse(responses[0]?.body ?? "");
};

describe("a request", () => {
	it("in absolute form has the same path", async () => {
		const { port } = await listen();
		expect(await eventOf(port, get("http://a:1/v1/tasks?x=1"))).toMatchObject({
			rawPath: "/v1/tasks",
			rawQueryString: "x=1",
		});
		expect(await eventOf(port, get("HTTP://a"))).toMatchObject({ rawPath: "/", rawQueryString: "" });
	});

	it("keeps a question mark in its query, and parameters with odd names", async () => {
		const { port } = await listen();
		const { queryStringParameters } = await eventOf(port, get("/?a=b?c&__proto__=1&a=d&constructor=2"));
		expect(Object.entries(queryStringParameters ?? {})).toEqual([
			["a", "b?c,d"],
			["__proto__", "1"],
			["constructor", "2"],
		]);
	});

	it("keeps all its headers, however many, and repeated ones joined", async () => {
		const { port } = await listen();
		const many = Array.from({ length: 2_500 }, () => "a:");
		const { headers } = await eventOf(port, post(...many, "Idempotency-Key: x", "X-Two: 1", "X-Two: 2"));
		expect(headers).toMatchObject({ "idempotency-key": "x", "x-two": "1, 2" });
	});

	it("with a body that is no UTF-8 arrives as it was sent", async () => {
		const { port } = await listen();
		const event = await eventOf(port, `${post("Content-Length: 2")}\xff\xfe`);
		expect(event).toMatchObject({
			isBase64Encoded: true,
			body: Buffer.from([0xff, 0xfe]).toString("base64"),
		});
	});
});

describe("a response", () => {
	it("without content has no length either (RFC 9110 §8.6)", async () => {
		const { port } = await listen({}, async () => noContent());
		const { responses } = await exchange(port, [{ send: get("/") + get("/") }], { count: 2, closes: false });
		expect(responses.map(({ status }) => status)).toEqual([204, 204]);
		expect(responses[0]?.headers).not.toHaveProperty("content-length");
	});

	it("of 304 does not break the connection, whatever body the handler has given", async () => {
		const { port } = await listen({}, async () => json(304, { received: true }));
		const { responses, isClean } = await exchange(port, [{ send: get("/") + get("/") }], {
			count: 2,
			closes: false,
		});
		expect(responses.map(({ status, body }) => [status, body])).toEqual([
			[304, ""],
			[304, ""],
		]);
		expect(isClean).toBe(true);
	});
});

it("an error of the API that is no answer is a problem, and logged", async () => {
	const { port } = await listen({}, async () => {
		throw new AsyncQueueError("task_not_found", "There is no task");
	});
	const { responses } = await exchange(port, [{ send: get("/") }], { count: 1, closes: true });
	expect(responses[0]).toMatchObject({ status: 404, headers: { connection: "close" } });
});
