import { afterEach, describe, expect, test, vi } from "vitest";
import { type AsyncQueue, AsyncQueueTimeoutError } from "../../client/src/index.ts";
import type { Fetch } from "../../client/src/transport.ts";
import { clientOn, NOWHERE, openLocalQueue } from "./local-queue.ts";
import { hanging, scripted, status } from "./scripted-fetch.ts";

const { aq } = await openLocalQueue();

afterEach(() => {
	vi.useRealTimers();
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
		const { id } = await aq.tasks.create({ queue: "patience", webhook_url: NOWHERE, delay: 3_600 });

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
