import { describe, expect, test } from "vitest";
import { type AsyncQueue, AsyncQueueConnectionError } from "../../client/src/index.ts";
import type { Fetch } from "../../client/src/transport.ts";
import { NOWHERE, openLocalQueue } from "./local-queue.ts";
import { breaks } from "./scripted-fetch.ts";

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

describe.concurrent("when the connection breaks after the request has arrived", () => {
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
