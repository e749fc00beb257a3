import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import {
	type ApiErrorCode,
	type AsyncQueue,
	AsyncQueueApiError,
	AsyncQueueConnectionError,
	AsyncQueueTimeoutError,
} from "../../client/src/index.ts";
import type { Fetch } from "../../client/src/transport.ts";
import { AsyncQueueError, type ErrorCode, errorCatalog } from "../../lambda/core/errors.ts";
import { problemResponse } from "../../lambda/middleware/problem-details.ts";
import { clientOn, NOWHERE, openLocalQueue } from "./local-queue.ts";

const { clientWith, aq } = await openLocalQueue();

const aTask = (queue: string) => ({ queue, webhook_url: NOWHERE, delay: 3_600 });

/** The global fetch, but the answers to the first requests are lost on the way: the API has done its part. */
const losingAnswers = (count: number) => {
	const requests: string[] = [];
	const fetch: Fetch = async (url, init) => {
		requests.push(`${init.method} ${new URL(url).pathname}`);
		const response = await globalThis.fetch(url, init);
		if (requests.length > count) return response;
		await response.text();
		throw new TypeError("fetch failed", { cause: new Error("ECONNRESET") });
	};
	return { fetch, requests };
};

/** Answers in turn, and the times at which they were asked for. */
const scripted = (answers: readonly (() => Response | Promise<Response>)[]) => {
	const askedAt: number[] = [];
	const fetch: Fetch = async (_, { signal }) => {
		signal.throwIfAborted();
		const answer = answers[askedAt.length];
		askedAt.push(Date.now());
		if (!answer) throw new Error("asked too often");
		return answer();
	};
	return { fetch, askedAt };
};

const status =
	(code: number, headers: Record<string, string> = {}) =>
	() =>
		new Response("{}", { status: code, headers });

const breaks = () => Promise.reject(new TypeError("fetch failed"));

/** Never answers; gives up when it is told to, as fetch does. */
const hanging: Fetch = (_, { signal }) =>
	new Promise((_resolve, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason));
	});

afterEach(() => {
	vi.useRealTimers();
});

describe("when the connection breaks after the request has arrived", () => {
	test("a create is repeated, and the task exists once", async () => {
		const { fetch, requests } = losingAnswers(2);

		const task = await clientWith({ fetch }).tasks.create(aTask("lost"));

		expect(requests).toHaveLength(3);
		expect((await aq.tasks.list({ queue: "lost" })).tasks).toStrictEqual([task]);
	});

	test("a batch is repeated, and every task exists once", async () => {
		const { fetch, requests } = losingAnswers(1);

		const { results } = await clientWith({ fetch }).tasks.createBatch([
			aTask("lost-batch"),
			aTask("lost-batch"),
		]);

		expect(requests).toHaveLength(2);
		const { tasks } = await aq.tasks.list({ queue: "lost-batch" });
		expect(tasks.toReversed()).toStrictEqual(results.map(({ task }) => task));
	});

	test("a create that failed for good can be repeated later with the key in its error", async () => {
		const { fetch } = losingAnswers(1);
		const client = clientWith({ fetch, retries: 0 });

		const error = await client.tasks.create(aTask("later")).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(AsyncQueueConnectionError);
		const { idempotencyKey } = error as AsyncQueueConnectionError;
		const task = await client.tasks.create(aTask("later"), { idempotencyKey });

		expect((await aq.tasks.list({ queue: "later" })).tasks).toStrictEqual([task]);
	});

	test("a batch of several requests can be repeated as a whole with the key in its error", async () => {
		const tasks = Array.from({ length: 150 }, () => aTask("later-batch"));
		let requests = 0;
		const fetch: Fetch = async (url, init) => {
			requests += 1;
			const response = await globalThis.fetch(url, init);
			return requests === 2 ? breaks() : response;
		};
		const client = clientWith({ fetch, retries: 0 });

		const error = await client.tasks.createBatch(tasks).catch((reason: unknown) => reason);
		const { idempotencyKey } = error as AsyncQueueConnectionError;
		const { results } = await client.tasks.createBatch(tasks, { idempotencyKey });

		expect(results.every((result) => result.status === 201)).toBe(true);
		const { counts } = await aq.queues.get("later-batch");
		expect(counts.pending.count).toBe(150);
	});

	test("a cancel is repeated, and tells that the task is cancelled", async () => {
		const { id } = await aq.tasks.create(aTask("lost-cancel"));
		const { fetch } = losingAnswers(1);

		expect(await clientWith({ fetch }).tasks.cancel(id)).toMatchObject({ id, status: "cancelled" });
	});

	test("a queue's removal is repeated, and is no error", async () => {
		await aq.queues.put("lost-queue");
		const { fetch, requests } = losingAnswers(1);

		expect(await clientWith({ fetch }).queues.delete("lost-queue")).toBeUndefined();
		expect(requests).toHaveLength(2);
	});

	test.each<[string, (client: AsyncQueue) => Promise<unknown>]>([
		["a new key", (client) => client.keys.create({ name: "once" })],
		["a redrive", (client) => client.queues.redrive("lost", { max: 1 })],
		["a forced removal", (client) => client.queues.delete("lost-twice", { force: true })],
	])("%s is not asked for again: twice is not the same as once", async (_, call) => {
		await aq.queues.put("lost-twice");
		const { fetch, requests } = losingAnswers(1);

		await expect(call(clientWith({ fetch }))).rejects.toThrow(AsyncQueueConnectionError);
		expect(requests).toHaveLength(1);
	});
});

describe("when the API refuses", () => {
	test.each(Object.keys(errorCatalog) as ErrorCode[])("%s is an error with its code", async (code) => {
		const faults = [{ path: "queue", message: "is wrong" }];
		const { statusCode, headers, body } = problemResponse(
			new AsyncQueueError(code, "That is why", { faults }),
		);
		const answer = { status: statusCode ?? 0, headers: { ...headers, "x-request-id": "r-1" } as HeadersInit };
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

describe("a request is repeated", () => {
	test.each([
		["a broken connection", breaks],
		["500", status(500)],
		["502", status(502)],
		["503", status(503)],
		["429", status(429)],
	])("after %s", async (_, fault) => {
		vi.useFakeTimers();
		const { fetch, askedAt } = scripted([fault, fault, () => Response.json({ queues: [] })]);
		const listed = clientOn(fetch).queues.list();

		await vi.runAllTimersAsync();

		expect(await listed).toStrictEqual({ queues: [] });
		expect(askedAt).toHaveLength(3);
	});

	test("as often as is wished, and then fails with how often that was", async () => {
		vi.useFakeTimers();
		const { fetch, askedAt } = scripted(Array.from({ length: 9 }, () => status(503)));
		const listed = expect(clientOn(fetch, { retries: 5 }).queues.list()).rejects.toMatchObject({
			attempts: 6,
		});

		await vi.runAllTimersAsync();
		await listed;

		expect(askedAt).toHaveLength(6);
		await expect(clientOn(fetch).queues.list({ retries: 0 })).rejects.toMatchObject({ attempts: 1 });
		expect(askedAt).toHaveLength(7);
	});

	test("after pauses that double, and are never the same for all", async () => {
		vi.useFakeTimers();
		const { fetch, askedAt } = scripted([
			...Array.from({ length: 8 }, () => breaks),
			() => Response.json({}),
		]);
		const listed = clientOn(fetch, { retries: 8 }).queues.list();

		await vi.runAllTimersAsync();
		await listed;

		const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
		for (const [index, pause] of pauses.entries()) {
			const full = Math.min(250 * 2 ** index, 8_000);
			expect(pause).toBeGreaterThanOrEqual(Math.floor(full / 2));
			expect(pause).toBeLessThanOrEqual(full);
		}
	});

	test.each([
		["seconds", () => "30"],
		["a date", () => new Date(Date.now() + 30_000).toUTCString()],
	])("not before the time that Retry-After says in %s", async (_, retryAfter) => {
		vi.useFakeTimers({ now: 1_800_000_000_000 });
		const { fetch, askedAt } = scripted([
			() => status(429, { "retry-after": retryAfter() })(),
			() => Response.json({}),
		]);
		const listed = clientOn(fetch).queues.list();

		await vi.advanceTimersByTimeAsync(29_999);
		expect(askedAt).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(1);
		await listed;
		expect(askedAt).toHaveLength(2);
	});

	test("not at all when Retry-After says more than a minute: the error tells it", async () => {
		const { fetch } = scripted([status(503, { "retry-after": "61" })]);

		await expect(clientOn(fetch).queues.list()).rejects.toMatchObject({ status: 503, retryAfterMs: 61_000 });
	});

	test("even if it is not repeatable, after a 429, which did nothing", async () => {
		vi.useFakeTimers();
		const { fetch } = scripted([status(429), () => Response.json({ key: "aq_live_x" })]);
		const created = clientOn(fetch).keys.create({ name: "x" });

		await vi.runAllTimersAsync();

		expect(await created).toStrictEqual({ key: "aq_live_x" });
	});

	test("when some tasks of a batch could not be stored for now", async () => {
		vi.useFakeTimers();
		const results = (...statuses: number[]) =>
			Response.json({ results: statuses.map((each) => ({ status: each })) });
		const { fetch } = scripted([() => results(201, 503, 400), () => results(201, 201, 400)]);
		const created = clientOn(fetch).tasks.createBatch([aTask("q"), aTask("q"), aTask("q")]);

		await vi.runAllTimersAsync();

		expect((await created).results.map((result) => result.status)).toStrictEqual([201, 201, 400]);
	});

	test("never after a 4xx", async () => {
		const { fetch, askedAt } = scripted([status(409)]);

		await expect(clientOn(fetch).queues.list()).rejects.toMatchObject({ status: 409 });
		expect(askedAt).toHaveLength(1);
	});
});

describe("waiting", () => {
	test("for an answer ends with a timeout error, after the repetitions", async () => {
		vi.useFakeTimers();
		const client = clientOn(hanging, { timeoutMs: 1_000, retries: 1 });
		const listed = expect(client.queues.list()).rejects.toThrow(AsyncQueueTimeoutError);

		await vi.runAllTimersAsync();
		await listed;
	});

	test("for a task ends with a timeout error; the task goes on", async () => {
		const { id } = await aq.tasks.create(aTask("patience"));

		await expect(aq.tasks.waitFor(id, { timeoutMs: 150 })).rejects.toThrow(`Waited 150 ms for task ${id}`);
		expect((await aq.tasks.get(id)).status).toBe("pending");
	});

	test("for a task that the API holds is one request after the other, without a pause", async () => {
		vi.useFakeTimers();
		const asked: string[] = [];
		const fetch: Fetch = async (url) => {
			asked.push(new URL(url).search);
			await new Promise((resolve) => setTimeout(resolve, 20_000));
			return Response.json({ status: asked.length === 3 ? "completed" : "pending" });
		};
		const startedAt = Date.now();
		const done = clientOn(fetch).tasks.waitFor("x");

		await vi.advanceTimersByTimeAsync(60_000);

		expect(await done).toStrictEqual({ status: "completed" });
		expect(asked).toStrictEqual(["?wait=20", "?wait=20", "?wait=20"]);
		expect(Date.now() - startedAt).toBe(60_000);
	});

	test("for a task that the API does not hold is polling, slower and slower", async () => {
		vi.useFakeTimers();
		const pending = () => Response.json({ status: "pending" });
		const { fetch, askedAt } = scripted(Array.from({ length: 100 }, () => pending));
		const done = expect(clientOn(fetch).tasks.waitFor("x", { timeoutMs: 60_000 })).rejects.toThrow(
			"60000 ms",
		);

		await vi.runAllTimersAsync();
		await done;

		const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
		expect(pauses).toStrictEqual(pauses.toSorted((a, b) => a - b));
		expect([pauses[0], pauses.at(-1)]).toStrictEqual([100, 5_000]);
	});

	test.each<[string, (client: AsyncQueue, signal: AbortSignal) => Promise<unknown>, Fetch]>([
		["for an answer", (client, signal) => client.queues.list({ signal }), hanging],
		[
			"for the next repetition",
			(client, signal) => client.queues.list({ signal }),
			async () => status(503)(),
		],
		[
			"for a task",
			(client, signal) => client.tasks.waitFor("x", { signal }),
			async () => Response.json({ status: "pending" }),
		],
		["for a job", (client, signal) => client.jobs.waitFor({ queue: "q", id: "x" }, { signal }), hanging],
	])("%s ends with the signal's reason when it is aborted", async (_, call, fetch) => {
		vi.useFakeTimers();
		const controller = new AbortController();
		const reason = new Error("the user went away");
		const called = expect(call(clientOn(fetch), controller.signal)).rejects.toBe(reason);

		await vi.advanceTimersByTimeAsync(50);
		controller.abort(reason);
		await called;

		expect(vi.getTimerCount()).toBe(0);
	});

	test("does not begin with a signal that is aborted already", async () => {
		const { fetch, askedAt } = scripted([]);

		await expect(clientOn(fetch).queues.list({ signal: AbortSignal.abort() })).rejects.toThrow("aborted");
		expect(askedAt).toHaveLength(0);
	});
});
