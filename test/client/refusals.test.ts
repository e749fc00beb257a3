import { describe, expect, expectTypeOf, test } from "vitest";
import { type ApiErrorCode, AsyncQueueApiError, AsyncQueueConnectionError } from "../../client/src/index.ts";
import { AsyncQueueError, type ErrorCode, errorCatalog } from "../../lambda/core/errors.ts";
import { problemResponse } from "../../lambda/middleware/problem-details.ts";
import { clientOn } from "./local-queue.ts";
import { scripted, status } from "./scripted-fetch.ts";

describe("when the API refuses", () => {
	test.each(Object.keys(errorCatalog) as ErrorCode[])("%s is an error with its code", async (code) => {
		const faults = [{ path: "queue", message: "is wrong" }];
		const { statusCode, headers, body } = problemResponse(
			new AsyncQueueError(code, "That is why", { faults }),
		);
		const named = Object.entries({ ...headers, "x-request-id": "r-1" }).map(
			([name, value]) => [name, String(value)] as [string, string],
		);
		const answer = { status: statusCode ?? 0, headers: named };
		const client = clientOn(async () => new Response(body ?? null, answer), { retries: 0 });

		const error = await client.queues.list().catch((reason: unknown) => reason);

		expect(error).toBeInstanceOf(AsyncQueueApiError);
		expect(error).toMatchObject({
			message: "That is why",
			status: errorCatalog[code].status,
			code,
			errors: faults,
			requestId: "r-1",
		});
		expectTypeOf<ApiErrorCode>().toEqualTypeOf<ErrorCode>();
	});

	test("an answer that is not the API's own has its status as code", async () => {
		const client = clientOn(async () => new Response("<h1>Forbidden</h1>", { status: 403 }));

		await expect(client.queues.list()).rejects.toMatchObject({ status: 403, code: "http_403", errors: [] });
	});

	test("a redirect is an error, as a POST would arrive as a GET", async () => {
		const { fetch } = scripted([status(301, { location: "https://elsewhere.example" })]);

		await expect(clientOn(fetch).queues.list()).rejects.toMatchObject({ status: 301 });
	});

	test("an answer that is no JSON is a connection error", async () => {
		const client = clientOn(async () => new Response("<h1>Welcome</h1>"), { retries: 0 });

		await expect(client.queues.list()).rejects.toThrow(AsyncQueueConnectionError);
	});
});
