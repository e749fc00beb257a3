import { afterEach, describe, expect, test, vi } from "vitest";
import { clientOn, NOWHERE } from "./local-queue.ts";
import { breaks, scripted, status } from "./scripted-fetch.ts";

const aTask = (queue: string) => ({ queue, webhook_url: NOWHERE, delay: 3_600 });

afterEach(() => {
	vi.useRealTimers();
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
