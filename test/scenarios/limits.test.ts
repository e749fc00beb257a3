import { describe, expect, test } from "vitest";
import { queueStories } from "../support/queue-stories.ts";
import { openScenario, unique } from "../support/scenario.ts";
import { reply } from "../support/webhook-answers.ts";
import type { Arrival } from "../support/webhook-receiver.ts";

const { api, receiver } = await openScenario();
const { configure } = queueStories(api);

/** The most calls that were open at the same time. */
const mostAtOnce = (arrivals: readonly Arrival[]): number =>
	Math.max(
		...arrivals.map(
			({ at }) =>
				arrivals.filter((other) => other.at <= at && (other.endedAt ?? Number.POSITIVE_INFINITY) > at).length,
		),
	);

const createAll = async (queue: string, url: string, count: number): Promise<string[]> => {
	const ids: string[] = [];
	while (ids.length < count) ids.push((await api.createTask({ queue, webhook_url: url })).id);
	return ids;
};

const completed = (ids: readonly string[]) => Promise.all(ids.map((id) => api.taskInStatus(id, "completed")));

describe.concurrent("a limited queue", () => {
	test("has no more calls in flight than it allows", async () => {
		const queue = unique("limited");
		await configure(queue, { concurrency: 2 });
		const hook = receiver.hook([], reply(200, { afterMs: 300 }));

		await completed(await createAll(queue, hook.url, 6));

		expect(hook.arrivals).toHaveLength(6);
		expect(mostAtOnce(hook.arrivals)).toBeLessThanOrEqual(2);
	});

	test("spreads its calls evenly", async () => {
		const queue = unique("limited");
		await configure(queue, { rate_limit: { limit: 4, per_seconds: 2 } });
		const hook = receiver.hook();

		await completed(await createAll(queue, hook.url, 5));

		const [first = 0, ...others] = hook.arrivals.map(({ at }) => at);
		// Half a second each; calls may take a little longer to arrive than those before them.
		for (const [index, at] of others.entries()) expect(at - first).toBeGreaterThan((index + 1) * 500 - 150);
	});

	test("waits as a whole when its webhook says so and it is told to listen", async () => {
		const queue = unique("limited");
		await configure(queue, { respect_retry_after: "queue", concurrency: 1 });
		const hook = receiver.hook([reply(429, { headers: { "retry-after": "4" } })]);

		const ids = await createAll(queue, hook.url, 3);
		const refused = await hook.arrival(1);
		await completed(ids);

		const next = await hook.arrival(2);
		expect(next.at - refused.at).toBeGreaterThan(3_900);
		expect(hook.arrivals).toHaveLength(4);
	});
});

describe.concurrent("a webhook that wants no more", () => {
	test.each([
		["answers 410", reply(410), "http_410"],
		["sends X-AsyncQueue-No-Retry", reply(500, { headers: { "x-asyncqueue-no-retry": "true" } }), "no_retry"],
	])("%s and is not called again", async (_, refusal, error) => {
		const hook = receiver.hook([], refusal);

		const task = await api.createTask({ queue: unique("refused"), webhook_url: hook.url });
		const failed = await api.taskInStatus(task.id, "failed");

		expect(failed.attempts.map((attempt) => attempt.error)).toStrictEqual([error]);
	});
});
