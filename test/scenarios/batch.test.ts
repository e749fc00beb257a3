import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import type { BatchView, ProblemView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

describe.concurrent("a batch", () => {
	test("creates its good items although one is bad, and answers one by one in order", async () => {
		const queue = unique("batch");
		const first = receiver.hook();
		const third = receiver.hook();

		const { results } = await api.expectCall<BatchView>(200, "POST", "/v1/tasks/batch", {
			json: {
				tasks: [
					{ queue, webhook_url: first.url, payload: { n: 1 } },
					{ queue, webhook_url: "not a url", priority: 11 },
					{ queue, webhook_url: third.url, payload: { n: 3 } },
				],
			},
		});

		expect(results.map((result) => result.status)).toStrictEqual([201, 400, 201]);
		expect(results[1]).toMatchObject({ code: "invalid_request", error: expect.any(String) });
		const faults = results[1]?.errors?.map((fault) => fault.path) ?? [];
		expect(faults).toEqual(
			expect.arrayContaining([expect.stringMatching(/webhook_url$/), expect.stringMatching(/priority$/)]),
		);
		expect((await first.arrival(1)).body).toMatchObject({ task_id: results[0]?.task?.id });
		expect((await third.arrival(1)).body).toMatchObject({ payload: { n: 3 } });
	});

	test("may hold 100 items, each delivered once", async () => {
		const hook = receiver.hook();
		const queue = unique("batch");
		const tasks = Array.from({ length: 100 }, (_, n) => ({ queue, webhook_url: hook.url, payload: { n } }));

		const { results } = await api.expectCall<BatchView>(200, "POST", "/v1/tasks/batch", { json: { tasks } });
		await hook.arrival(100);

		expect(new Set(results.map((result) => result.task?.id)).size).toBe(100);
		expect(new Set(hook.arrivals.map((call) => call.body.task_id)).size).toBe(100);
	});

	test("of none or of more than 100 is refused as a whole", async () => {
		const task = { queue: unique("batch"), webhook_url: receiver.hook().url };
		for (const tasks of [[], Array(101).fill(task)]) {
			const answer = await api.call<ProblemView>("POST", "/v1/tasks/batch", { json: { tasks } });
			expect(answer.status).toBe(400);
			expect(answer.body.errors).toMatchObject([{ path: "tasks" }]);
		}
	});
});
